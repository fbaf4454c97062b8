import { nonNegative } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { allocate } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { floatData } from '../tensor/value.ts';

/**
 * Scales the gradients of all parameters together so that their norm is at most `maxNorm`, in place:
 * g ← g·min(1, maxNorm/(‖g‖₂ + 1e-6)). Returns the norm before, a scalar of float64. Parameters
 * without a gradient are left out.
 *
 * @see PyTorch's `clip_grad_norm_`; Pascanu et al. 2013, arXiv:1211.5063.
 * @example
 * loss.backward();
 * clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 */
export function clipGradNorm(params: readonly Tensor[], maxNorm: number): Tensor {
  const owner = 'optim.clipGradNorm';
  nonNegative(owner, 'maxNorm', maxNorm);
  if (!Array.isArray(params)) {
    throw new ArgumentError('ERR_TYPE', owner, 'params', 'a list of tensors', params);
  }
  const gradients: FloatArray[] = [];
  for (const { grad } of params) if (grad !== null) gradients.push(floatData(owner, 'params', grad));
  const squares = allocate('float64', 1) as Float64Array;
  ops['clear']!(squares, 1);
  for (const gradient of gradients) ops['add_squares']!(gradient, squares, gradient.length);
  for (const gradient of gradients) ops['clip']!(squares, gradient, gradient.length, maxNorm);
  const data = allocate('float64', 1);
  ops['root']!(squares, data);
  return new Tensor({ data, shape: [], dtype: 'float64', requiresGrad: false });
}
