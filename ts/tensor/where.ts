import { full } from './creation.ts';
import { where as whereOperation } from './ops/comparison.ts';
import { apply, type Tensor } from './tensor.ts';

/**
 * `a` where the condition is not 0, else `b`. The gradient goes to the one that was taken: NaN or ∞ in the
 * other leaves no trace, in the value or in the gradient.
 *
 * @param condition int32, as comparisons give.
 * @param a a tensor of the condition's shape, or a number.
 * @param b likewise; of the same element type. Two numbers give float32.
 * @example
 * const kept = where(x.gt(0), x, 0);
 */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const dtype = [a, b].some((value) => typeof value !== 'number' && value.dtype === 'float64')
    ? 'float64'
    : 'float32';
  const filled = (value: Tensor | number): Tensor =>
    typeof value === 'number' ? full(condition.shape, value, { dtype }) : value;
  return apply(whereOperation, [filled(a), filled(b), condition]);
}
