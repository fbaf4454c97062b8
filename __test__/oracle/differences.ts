import type { Tensor } from 'ridgeline';

/**
 * How far gradients by `backward` are from central differences of the same scalar, relative to the
 * size of the gradient. Leaves must be float64.
 */
export function gradientError(leaves: readonly Tensor[], scalar: () => Tensor): number {
  for (const leaf of leaves) leaf.grad = null;
  scalar().backward();
  let worst = 0;
  for (const leaf of leaves) {
    const gradient = leaf.grad;
    if (gradient === null) throw new Error('a leaf got no gradient');
    const size = Math.max(1, ...gradient.data.map(Math.abs));
    for (let i = 0; i < leaf.size; i++) {
      const difference = centralDifference(leaf.data, i, () => scalar().item());
      worst = Math.max(worst, Math.abs(difference - gradient.data[i]!) / size);
    }
  }
  return worst;
}

/** (f(x + h) − f(x − h))/2h by element i, which is put back. */
function centralDifference(x: Tensor['data'], i: number, f: () => number): number {
  const before = x[i]!;
  const h = 1e-5 * Math.max(1, Math.abs(before));
  x[i] = before + h;
  const above = f();
  x[i] = before - h;
  const below = f();
  x[i] = before;
  return (above - below) / (2 * h);
}

/** Of central differences with h = 1e-5: the error h² of the method and the rounding ε/h. */
export const DIFFERENCE = 1e-8;
