import { KnownKeys, nonNegative } from '../check.ts';
import { type FloatArray, ops } from '../native.ts';
import { alike, floats } from './arrays.ts';
import { type ExecOptions, execKeys, withExec } from './exec.ts';

/** Strengths of an elastic net P(w) = `l1`·Σ|w| + `l2`·Σw²; each is 0 unless given. */
export interface Strengths extends ExecOptions {
  /** What multiplies Σ|w|, at least 0. */
  readonly l1?: number;
  /** What multiplies Σw², at least 0: its gradient is 2·`l2`·w. PyTorch's `weight_decay` is `2·l2`. */
  readonly l2?: number;
}

const known = new KnownKeys(['l1', 'l2', 'isa', 'threads']);
const one = Float32Array.of(1);
const one64 = Float64Array.of(1);
const figure = new Float64Array(1);
const lasso = Float64Array.of(1, 0);

/** The strengths of one call; native code reads them before JS runs again. */
const strengths = new Float64Array(2);

function write(owner: string, options: Strengths): void {
  known.check(owner, options);
  const { l1 = 0, l2 = 0 } = options;
  nonNegative(owner, 'l1', l1);
  strengths[0] = l1;
  strengths[1] = nonNegative(owner, 'l2', l2);
}

/**
 * `l1`·Σ|w| + `l2`·Σw², computed and summed in double precision.
 *
 * @example
 * penaltyValue(Float32Array.of(2.5, -0.8, 0.1), { l1: 0.01, l2: 0.01 }); // 0.103
 */
export function penaltyValue(weights: FloatArray, options: Strengths): number {
  const owner = 'kernels.penaltyValue';
  write(owner, options);
  floats(owner, 'weights', weights);
  figure[0] = 0;
  withExec(owner, options, () => ops['penalty_value']!(weights, strengths, figure, weights.length));
  return figure[0]!;
}

/**
 * grads ← grads + `l1`·sign(w) + 2·`l2`·w, in place; sign(0) = 0.
 *
 * @param grads of the type and length of `weights`.
 */
export function addPenaltyGradient(weights: FloatArray, grads: FloatArray, options: Strengths): void {
  const owner = 'kernels.addPenaltyGradient';
  write(owner, options);
  floats(owner, 'weights', weights);
  alike(owner, 'grads', grads, weights, 'weights');
  const upstream = weights.BYTES_PER_ELEMENT === 8 ? one64 : one;
  withExec(owner, options, () =>
    ops['penalty_gradient']!(weights, strengths, upstream, grads, weights.length, 1),
  );
}

/**
 * w ← argmin over z of ½‖z − w‖² + `step`·P(z), in place: soft thresholding by `step`·`l1`, then a
 * division by 1 + 2·`step`·`l2`. What is cut off becomes exactly +0.
 *
 * @see Parikh & Boyd 2014, "Proximal Algorithms", §6.5.2.
 */
export function prox(weights: FloatArray, step: number, options: Strengths): void {
  const owner = 'kernels.prox';
  write(owner, options);
  nonNegative(owner, 'step', step);
  floats(owner, 'weights', weights);
  withExec(owner, options, () => ops['penalty_prox']!(weights, strengths, weights.length, step));
}

/**
 * w ← sign(w)·max(|w| − `threshold`, 0), in place: the prox of `threshold`·Σ|w|.
 *
 * @example
 * const w = Float32Array.of(0.5, -0.05);
 * softThreshold(w, 0.1); // w is now [0.4, 0]
 */
export function softThreshold(weights: FloatArray, threshold: number, options: ExecOptions = {}): void {
  const owner = 'kernels.softThreshold';
  execKeys.check(owner, options);
  nonNegative(owner, 'threshold', threshold);
  floats(owner, 'weights', weights);
  withExec(owner, options, () => ops['penalty_prox']!(weights, lasso, weights.length, threshold));
}

/**
 * The largest distance of a component of −`grads` from the subdifferential of P at `weights`: 0
 * exactly where `weights` minimizes the data loss, whose gradient `grads` is, plus the penalty.
 */
export function penaltyViolation(weights: FloatArray, grads: FloatArray, options: Strengths): number {
  const owner = 'kernels.penaltyViolation';
  write(owner, options);
  floats(owner, 'weights', weights);
  alike(owner, 'grads', grads, weights, 'weights');
  withExec(owner, options, () =>
    ops['penalty_violation']!(weights, grads, strengths, figure, weights.length),
  );
  return figure[0]!;
}
