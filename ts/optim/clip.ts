import { KnownKeys, nonNegative, positive } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { allocate } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { floatData } from '../tensor/value.ts';

/** Options of {@link clipGradNorm}. */
export interface ClipNormOptions {
  /** p of (Σ|g|ᵖ)^(1/p), above 0; Infinity is the largest |g|. 2 unless given. */
  readonly normType?: number;
}

const keys = new KnownKeys(['normType']);

/**
 * Scales the gradients of all parameters together so that their norm is at most `maxNorm`, in place:
 * g ← g·min(1, maxNorm/(‖g‖ₚ + 1e-6)), p being `normType`. Returns the norm before, a scalar of float64.
 * Parameters without a gradient are left out.
 *
 * @throws {ArgumentError} before anything changes, if `maxNorm` is negative or `normType` is not above 0.
 * @see PyTorch's `clip_grad_norm_`; Pascanu et al. 2013, arXiv:1211.5063.
 * @example
 * loss.backward();
 * clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 */
export function clipGradNorm(
  params: readonly Tensor[],
  maxNorm: number,
  options: ClipNormOptions = {},
): Tensor {
  const owner = 'optim.clipGradNorm';
  const power = checkClipNorm(owner, maxNorm, options);
  const gradients = gradientsOf(owner, params);
  const squares = allocate('float64', 1) as Float64Array;
  ops['clear']!(squares, 1);
  for (const gradient of gradients) {
    if (power === 2) ops['add_squares']!(gradient, squares, gradient.length);
    else ops['add_powers']!(gradient, squares, gradient.length, power);
  }
  if (power !== 2) ops['square_norm']!(squares, power);
  for (const gradient of gradients) ops['clip']!(squares, gradient, gradient.length, maxNorm);
  const data = allocate('float64', 1);
  ops['root']!(squares, data);
  return new Tensor({ data, shape: [], dtype: 'float64', requiresGrad: false });
}

/** The power of a norm that gradients are clipped by, all checked; errors name `place` before the options. */
export function checkClipNorm(owner: string, maxNorm: number, options: ClipNormOptions, place = ''): number {
  nonNegative(owner, `${place}maxNorm`, maxNorm);
  keys.check(owner, options);
  const { normType = 2 } = options;
  return normType === Infinity ? normType : positive(owner, `${place}normType`, normType);
}

/**
 * Brings every element of the gradients of all parameters within ±`clipValue`, in place. Parameters without
 * a gradient are left out; NaN stays.
 *
 * @throws {ArgumentError} before anything changes, if `clipValue` is negative or not finite.
 * @see PyTorch's `clip_grad_value_`.
 * @example
 * loss.backward();
 * clipGradValue(model.parameters(), 0.5);
 * optimizer.step();
 */
export function clipGradValue(params: readonly Tensor[], clipValue: number): void {
  const owner = 'optim.clipGradValue';
  nonNegative(owner, 'clipValue', clipValue);
  for (const gradient of gradientsOf(owner, params)) {
    ops['clip_values']!(gradient, gradient.length, clipValue);
  }
}

function gradientsOf(owner: string, params: readonly Tensor[]): FloatArray[] {
  if (!Array.isArray(params)) {
    throw new ArgumentError('ERR_TYPE', owner, 'params', 'a list of tensors', params);
  }
  return params.flatMap(({ grad }: Tensor) => (grad === null ? [] : [floatData(owner, 'params', grad)]));
}
