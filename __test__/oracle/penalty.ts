/** The elastic net p(w) = l1·|w| + l2·w² of one weight, in plain float64. */
export interface Strengths {
  readonly l1: number;
  readonly l2: number;
}

/** p(w). */
export function value(w: number, { l1, l2 }: Strengths): number {
  return l1 * Math.abs(w) + l2 * w ** 2;
}

/** ∂p(w), with sign(0) = 0. */
export function gradient(w: number, { l1, l2 }: Strengths): number {
  return l1 * Math.sign(w) + 2 * l2 * w;
}

/** argmin over z of ½(z − w)² + step·p(z). */
export function prox(w: number, step: number, { l1, l2 }: Strengths): number {
  return softThreshold(w, step * l1) / (1 + 2 * step * l2);
}

/** sign(w)·max(|w| − threshold, 0), with +0 for what is cut off. */
function softThreshold(w: number, threshold: number): number {
  return Math.abs(w) <= threshold ? 0 : Math.sign(w) * (Math.abs(w) - threshold);
}

/** The distance of −g from the subdifferential of p at w. */
export function violation(w: number, g: number, strengths: Strengths): number {
  return w === 0 ? Math.max(Math.abs(g) - strengths.l1, 0) : Math.abs(g + gradient(w, strengths));
}
