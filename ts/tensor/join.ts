import { ArgumentError } from '../errors.ts';
import { concat as operation } from './ops/join.ts';
import { axisOf, sameShape, showShape } from './shape.ts';
import { apply, Tensor } from './tensor.ts';

function checked(owner: string, tensors: readonly Tensor[], axis: number | undefined): Tensor {
  const [first] = tensors;
  if (!Array.isArray(tensors) || first === undefined || !tensors.every((item) => item instanceof Tensor)) {
    throw new ArgumentError('ERR_TYPE', owner, 'tensors', 'a list of tensors, not empty', tensors);
  }
  tensors.forEach((item: Tensor, i) => {
    if (item.dtype !== first.dtype) {
      throw new ArgumentError('ERR_TYPE', owner, `tensors[${i}]`, `of ${first.dtype}`, item.dtype);
    }
    const expected = axis === undefined ? first.shape : first.shape.with(axis, item.shape[axis] ?? 0);
    if (sameShape(item.shape, expected)) return;
    const but = axis === undefined ? '' : ` but along axis ${axis}`;
    const what = `of shape ${showShape(first.shape)}${but}`;
    throw new ArgumentError('ERR_SHAPE', owner, `tensors[${i}]`, what, showShape(item.shape));
  });
  return first;
}

/**
 * Tensors one behind the other along an axis that they have; copied.
 *
 * @param axis negative from the last; 0 unless given.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const rank = Array.isArray(tensors) && tensors[0] instanceof Tensor ? tensors[0].shape.length : 0;
  const at = rank === 0 ? 0 : axisOf('concat', 'axis', axis, rank);
  if (rank === 0 && checked('concat', tensors, undefined)) {
    const fix = 'Join scalars with stack().';
    throw new ArgumentError('ERR_SHAPE', 'concat', 'tensors', 'of at least one axis', 'scalars', fix);
  }
  checked('concat', tensors, at);
  return apply(operation, tensors, at);
}

/**
 * Tensors of one shape along an axis of their own; copied.
 *
 * @param axis where it lies in the result, negative from behind the last; 0 unless given.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const { shape } = checked('stack', tensors, undefined);
  const at = axisOf('stack', 'axis', axis, shape.length + 1);
  return apply(
    operation,
    tensors.map((item) => item.unsqueeze(at)),
    at,
  );
}
