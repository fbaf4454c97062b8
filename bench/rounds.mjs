/** The middle of `values`. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Milliseconds a call of each of `calls`, in `count` rounds that run all of them in turn.
 *
 * @param {number} repeats
 * @param {number} count
 * @param {Record<string, () => void>} calls
 */
export function rounds(repeats, count, calls) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(calls).map((name) => [name, []]));
  for (let round = -2; round < count; round++) {
    for (const [name, call] of Object.entries(calls)) {
      const start = performance.now();
      for (let i = 0; i < repeats; i++) call();
      if (round >= 0) times[name].push((performance.now() - start) / repeats); // two rounds to warm up
    }
  }
  return times;
}
