/** A loss that falls, then wavers around one value: the same numbers each time. */
export function wavering(count: number): number[] {
  let state = 12345;
  return Array.from({ length: count }, (_, t) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.max(0.5, 2 - t / 10) + (state / 2_147_483_648 - 0.5) * 0.2;
  });
}
