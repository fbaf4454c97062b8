import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { floatData } from '../value.ts';

/** The same elements, in order, under another shape; nothing is copied. */
export const reshape: Operation<Shape> = {
  name: 'reshape',
  forward([x], shape) {
    return { data: floatData('reshape', 'this', x!), shape };
  },
  backward(gradient, _inputs, _saved, target) {
    const out = target(0);
    if (out !== undefined) ops['affine']!(gradient, out, out.length, 1, 0);
  },
};

/** `wanted` with its one −1 replaced by the length that fits `shape`. */
export function resolveShape(owner: string, shape: Shape, wanted: Shape): Shape {
  const size = sizeOf(shape);
  const known = wanted.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const resolved = wanted.map((length) => (length === -1 ? size / known : length));
  const valid = resolved.every((length) => Number.isSafeInteger(length) && length >= 0);
  if (valid && sizeOf(resolved) === size && wanted.filter((length) => length === -1).length <= 1)
    return resolved;
  throw new ArgumentError('ERR_SHAPE', owner, 'shape', `a shape of ${size} elements`, showShape(wanted));
}
