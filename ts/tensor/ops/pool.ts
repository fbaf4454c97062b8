import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { plane, type Sides, split, thingsOf, type Windows, windowsOf } from './window.ts';

/** The sizes of windows over images or sequences. */
export class Pooling {
  /** In the order of the native table. */
  readonly dims: readonly number[];
  /** Of the result. */
  readonly shape: Shape;

  constructor(owner: string, x: Value, windows: Windows) {
    const { kernel, stride, padding, dilation } = windows;
    const [n, c, sides] = split(owner, 'x', x, ['samples, channels', kernel.length]);
    const counts = pooledSides(owner, x.shape, sides, windows);
    const ways = [...plane(kernel, 1), ...plane(stride, 1), ...plane(dilation, 1), ...plane(padding, 0)];
    this.dims = [n * c, ...plane(sides, 1), ...ways, ...plane(counts, 1)];
    this.shape = [n, c, ...counts];
  }
}

/** How many windows lie along each of `sides`, which must not be smaller than a window. */
export function pooledSides(owner: string, shape: Shape, sides: Sides, windows: Windows): Sides {
  const counts = windowsOf(sides, windows);
  if (Math.min(...counts) >= 1) return counts;
  const { kernel, padding, dilation } = windows;
  const reach = kernel.map((taps, i) => dilation[i]! * (taps - 1) + 1 - 2 * padding[i]!);
  const less = padding.some((zeros) => zeros > 0) ? ' without padding' : '';
  const expected = `of ${thingsOf(sides.length)} of at least ${showShape(reach)}, the size of a window${less}`;
  throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(shape));
}

/** The maximum of each window. */
function maxPool(name: string): Operation<Windows> {
  return {
    name,
    forward([x], windows) {
      const source = floatData(name, 'x', x!);
      const { dims, shape } = new Pooling(name, x!, windows);
      const data = allocateLike(x!, sizeOf(shape));
      const order = allocateInts(data.length);
      ops['max_pool2d']!(source, order, data, ...dims);
      return { data, shape, saved: { arrays: [order], numbers: [sizeOf(shape.slice(2))] } };
    },
    backward: placeMaxima,
  };
}

/** The gradient goes to where maxima were found: the saved order, so many a plane. */
export const placeMaxima: Operation<never>['backward'] = (gradient, [x], { arrays, numbers }, target) => {
  const out = target(0);
  if (out === undefined) return;
  const [n, c, ...sides] = x!.shape;
  ops['max_pool2d_gradient']!(gradient, arrays[0]!, out, n! * c!, sizeOf(sides), numbers[0]!);
};

/** Of images [n, c, h, w]. */
export const maxPool2d: Operation<Windows> = maxPool('maxPool2d');

/** Of sequences [n, c, length]: images with one row. */
export const maxPool1d: Operation<Windows> = maxPool('maxPool1d');
