/** PyTorch's lr_scheduler in the recursive form of its `get_lr`: each value from the one before. */
export type Recursion = (t: number, before: number, base: number) => number;

/** The values of steps 0 … count − 1. */
export function unrolled(recursion: Recursion, base: number, count: number): number[] {
  const values: number[] = [];
  for (let t = 0; t < count; t++) values.push(recursion(t, values[t - 1] ?? base, base));
  return values;
}

export const stepLr =
  (size: number, gamma: number): Recursion =>
  (t, before) =>
    t === 0 || t % size !== 0 ? before : before * gamma;

export const multiStepLr =
  (milestones: readonly number[], gamma: number): Recursion =>
  (t, before) =>
    before * gamma ** milestones.filter((mark) => mark === t).length;

export const exponentialLr =
  (gamma: number): Recursion =>
  (t, before) =>
    t === 0 ? before : before * gamma;

export const constantLr =
  (factor: number, total: number): Recursion =>
  (t, before) => {
    if (t === 0) return total > 0 ? before * factor : before;
    return t === total ? before / factor : before;
  };

export const linearLr =
  (start: number, end: number, total: number): Recursion =>
  (t, before) => {
    if (t === 0) return before * start;
    if (t > total) return before;
    return before * (1 + (end - start) / (total * start + (t - 1) * (end - start)));
  };

export const polynomialLr =
  (total: number, power: number): Recursion =>
  (t, before) =>
    t === 0 || t > total ? before : before * ((1 - t / total) / (1 - (t - 1) / total)) ** power;

export const cosineLr =
  (tMax: number, least: number): Recursion =>
  (t, before, base) => {
    if (t === 0) return before;
    if ((t - 1 - tMax) % (2 * tMax) === 0)
      return before + ((base - least) * (1 - Math.cos(Math.PI / tMax))) / 2;
    const [now, then] = [1 + Math.cos((Math.PI * t) / tMax), 1 + Math.cos((Math.PI * (t - 1)) / tMax)];
    return (now / then) * (before - least) + least;
  };

/** `T_cur` and `T_i` counted step by step. */
export function restartsLr(t0: number, tMult: number, least: number): Recursion {
  let [current, period] = [-1, t0];
  return (t, _before, base) => {
    if (t === 0) [current, period] = [-1, t0];
    current++;
    if (current >= period) {
      current -= period;
      period *= tMult;
    }
    return least + ((base - least) * (1 + Math.cos((Math.PI * current) / period))) / 2;
  };
}

/** The phases of OneCycleLR as PyTorch writes them: [end step, from, to]. */
export function oneCycleLr(
  phases: readonly (readonly [end: number, from: number, to: number])[],
  linear: boolean,
): Recursion {
  return (t) => {
    let start = 0;
    for (const [i, [end, from, to]] of phases.entries()) {
      if (t <= end || i === phases.length - 1) {
        const share = (t - start) / (end - start);
        return linear ? (to - from) * share + from : to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
      }
      start = end;
    }
    return NaN;
  };
}

/** CyclicLR: a triangle of `up` and `down` steps, as high as `scale` says. */
export const cyclicLr =
  (
    [low, high]: readonly [number, number],
    [up, down]: readonly [number, number],
    scale: (cycle: number, t: number) => number,
  ): Recursion =>
  (t) => {
    const at = t % (up + down);
    const height = at <= up ? at / up : 1 - (at - up) / down;
    return low + (high - low) * height * scale(1 + Math.floor(t / (up + down)), t);
  };
