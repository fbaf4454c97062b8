import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { placeMaxima } from './pool.ts';
import { plane, type Sides, split, thingsOf } from './window.ts';

/** How many parts each axis is cut into. */
export interface AdaptiveAttributes {
  /** Null: as many as it has elements. */
  readonly outputSize: readonly (number | null)[];
}

/** In the order of the native table, and the shape of the result. */
function grid(
  owner: string,
  x: Value,
  { outputSize }: AdaptiveAttributes,
): { readonly dims: readonly number[]; readonly shape: Shape } {
  const [n, c, sides] = split(owner, 'x', x, ['samples, channels', outputSize.length]);
  if (Math.min(...sides) < 1) {
    const expected = `of ${thingsOf(sides.length)} of at least ${showShape(sides.map(() => 1))}`;
    throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x.shape));
  }
  const parts: Sides = outputSize.map((count, i) => count ?? sides[i]!);
  return { dims: [n * c, ...plane(sides, 1), ...plane(parts, 1)], shape: [n, c, ...parts] };
}

/** The mean of each part. */
function adaptiveAvgPool(name: string): Operation<AdaptiveAttributes> {
  return {
    name,
    forward([x], attributes) {
      const source = floatData(name, 'x', x!);
      const { dims, shape } = grid(name, x!, attributes);
      const data = allocateLike(x!, sizeOf(shape));
      ops['adaptive_avg_pool2d']!(source, data, ...dims);
      return { data, shape, saved: { arrays: [], numbers: dims } };
    },
    backward(gradient, _, { numbers }, target) {
      const out = target(0);
      if (out !== undefined) ops['adaptive_avg_pool2d_gradient']!(gradient, out, ...numbers);
    },
  };
}

/** The maximum of each part. */
function adaptiveMaxPool(name: string): Operation<AdaptiveAttributes> {
  return {
    name,
    forward([x], attributes) {
      const source = floatData(name, 'x', x!);
      const { dims, shape } = grid(name, x!, attributes);
      const data = allocateLike(x!, sizeOf(shape));
      const order = allocateInts(data.length);
      ops['adaptive_max_pool2d']!(source, order, data, ...dims);
      return { data, shape, saved: { arrays: [order], numbers: [sizeOf(shape.slice(2))] } };
    },
    backward: placeMaxima,
  };
}

export const adaptiveAvgPool1d: Operation<AdaptiveAttributes> = adaptiveAvgPool('adaptiveAvgPool1d');
export const adaptiveAvgPool2d: Operation<AdaptiveAttributes> = adaptiveAvgPool('adaptiveAvgPool2d');
export const adaptiveMaxPool1d: Operation<AdaptiveAttributes> = adaptiveMaxPool('adaptiveMaxPool1d');
export const adaptiveMaxPool2d: Operation<AdaptiveAttributes> = adaptiveMaxPool('adaptiveMaxPool2d');
