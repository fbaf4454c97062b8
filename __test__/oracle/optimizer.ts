import { gradient, prox, type Strengths } from './penalty.ts';

/** What every optimizer's update of one weight depends on. */
export interface UpdateOptions extends Strengths {
  readonly lr: number;
  readonly weightDecay: number;
  readonly decay: 'coupled' | 'decoupled' | 'independent';
  readonly scheduleMultiplier: number;
  readonly apply: 'coupled' | 'decoupled' | 'proximal' | 'proximal-decoupled';
  readonly maximize: boolean;
}

export interface SgdOptions extends UpdateOptions {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
}

export interface AdamOptions extends UpdateOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** What a rule makes of a gradient: the way of the weight, and its own denominator D. */
interface Move {
  readonly delta: number;
  readonly denominator: number;
}

/** One weight after an update. `size` is that of the largest number that was added to make it. */
interface Updated {
  readonly w: number;
  readonly size: number;
}

/** Decay and penalty around a rule, each in the place that its mode names. */
function update(w: number, g: number, o: UpdateOptions, rule: (g: number) => Move): Updated {
  let seen = o.maximize ? -g : g;
  if (o.decay === 'coupled') seen += o.weightDecay * w;
  if (o.apply === 'coupled') seen += gradient(w, o);
  const { delta, denominator } = rule(seen);
  let kept = w;
  if (o.decay === 'decoupled') kept = w * (1 - o.lr * o.weightDecay);
  if (o.decay === 'independent') kept = w * (1 - o.scheduleMultiplier * o.weightDecay);
  const pull = o.apply === 'decoupled' ? o.lr * gradient(w, o) : 0;
  const z = kept - delta - pull;
  const size = Math.max(Math.abs(w), Math.abs(kept), Math.abs(delta), Math.abs(pull));
  if (o.apply === 'proximal') return { w: prox(z, o.lr / denominator, o), size };
  if (o.apply === 'proximal-decoupled') return { w: prox(z, o.lr, o), size };
  return { w: z, size };
}

/** SGD as PyTorch has it; without momentum the buffer is left alone. */
export function sgd(
  { w, g, buffer }: { readonly w: number; readonly g: number; readonly buffer: number },
  step: number,
  o: SgdOptions,
): Updated & { readonly buffer: number } {
  let after = buffer;
  const updated = update(w, g, o, (seen) => {
    if (o.momentum === 0) return { delta: o.lr * seen, denominator: 1 };
    after = step === 1 ? seen : o.momentum * buffer + (1 - o.dampening) * seen;
    if (o.nesterov) return { delta: o.lr * (seen + o.momentum * after), denominator: 1 - o.momentum };
    return { delta: o.lr * after, denominator: (1 - o.momentum) / (1 - o.dampening) };
  });
  return { ...updated, buffer: after };
}

/** Adam, with AMSGrad where `vMax` is given; where v is exactly 0 the denominator of a prox is 1. */
export function adam(
  was: {
    readonly w: number;
    readonly g: number;
    readonly m: number;
    readonly v: number;
    readonly vMax?: number;
  },
  step: number,
  o: AdamOptions,
): Updated & { readonly m: number; readonly v: number; readonly vMax: number } {
  let [m, v, vMax] = [was.m, was.v, was.vMax ?? 0];
  const updated = update(was.w, was.g, o, (seen) => {
    m = o.beta1 * m + (1 - o.beta1) * seen;
    v = o.beta2 * v + (1 - o.beta2) * seen ** 2;
    vMax = Math.max(vMax, v);
    const second = was.vMax === undefined ? v : vMax;
    const denominator = Math.sqrt(second / (1 - o.beta2 ** step)) + o.eps;
    const delta = (o.lr * (m / (1 - o.beta1 ** step))) / denominator;
    return { delta, denominator: second === 0 ? 1 : denominator };
  });
  return { ...updated, m, v, vMax };
}

/** What an update reports: penalty and gradNorm of what came in, the others of what went out. */
export interface Figures {
  readonly penalty: number;
  readonly gradNorm: number;
  readonly updateNorm: number;
  readonly weightNorm: number;
  readonly zeros: number;
  readonly nearZeros: number;
}

/** The figures of an update that found `before` and `grads` and left `after`. */
export function figures(
  before: ArrayLike<number>,
  grads: ArrayLike<number>,
  after: ArrayLike<number>,
  { l1, l2, nearZero }: Strengths & { readonly nearZero: number },
): Figures {
  const sum = (f: (i: number) => number): number => {
    let total = 0;
    for (let i = 0; i < after.length; i++) total += f(i);
    return total;
  };
  return {
    penalty: l1 * sum((i) => Math.abs(before[i]!)) + l2 * sum((i) => before[i]! ** 2),
    gradNorm: Math.sqrt(sum((i) => grads[i]! ** 2)),
    updateNorm: Math.sqrt(sum((i) => (after[i]! - before[i]!) ** 2)),
    weightNorm: Math.sqrt(sum((i) => after[i]! ** 2)),
    zeros: sum((i) => Number(after[i] === 0)),
    nearZeros: sum((i) => Number(Math.abs(after[i]!) < nearZero)),
  };
}
