import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { TensorArray } from '../dtype.ts';
import type { Value } from '../graph.ts';
import { type Shape, sameShape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, elementsOf, seen } from '../value.ts';
import { stridesOf } from '../view.ts';

/** The shape that both repeat to: lengths, from the last axis on, are equal or 1. */
export function commonShape(owner: string, name: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    const expected = `of a shape that broadcasts with ${showShape(a)}: lengths, from the last axis on, equal or 1`;
    throw new ArgumentError('ERR_SHAPE', owner, name, expected, showShape(b));
  });
}

/** The elements of a tensor, row by row, as often as `shape` repeats them. */
export function repeated(owner: string, name: string, value: Value, shape: Shape): TensorArray {
  if (sameShape(value.shape, shape)) return elementsOf(owner, name, value);
  const strides = value.view?.strides ?? stridesOf(value.shape);
  const missing = shape.length - value.shape.length;
  const view = {
    offset: value.view?.offset ?? 0,
    strides: shape.map((_, axis) => (value.shape[axis - missing] === 1 ? 0 : (strides[axis - missing] ?? 0))),
  };
  return seen(value.array, view, shape);
}

/** Adds up in `out`, of an input of shape `to`, what came back to all its repetitions. */
export function sumTo(like: Value, gradient: FloatArray, from: Shape, to: Shape, out: FloatArray): void {
  const missing = from.length - to.length;
  const axes = from.flatMap((length, axis) => (length !== (to[axis - missing] ?? 1) ? [axis] : []));
  // Only axes of one element are missing: nothing to add up.
  if (axes.length === 0) ops['affine']!(gradient, out, out.length, 1, 0);
  let [sums, shape] = [gradient, from];
  for (const [i, axis] of axes.entries()) {
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const target = i === axes.length - 1 ? out : allocateLike(like, outer * inner);
    ops['sum_axis']!(sums, target, outer, from[axis]!, inner, 1);
    sums = target;
    shape = shape.with(axis, 1);
  }
}
