import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { Pooling } from './pool.ts';
import { plane, type Windows } from './window.ts';

/** Windows, and what their sums are divided by. */
export interface AveragingAttributes extends Windows {
  /** Whether the zeros around are counted. */
  readonly countIncludePad: boolean;
  /** What sums are divided by in place of how many elements there are; 0: by that. */
  readonly divisor: number;
}

/** The mean of each window. */
function avgPool(name: string): Operation<AveragingAttributes> {
  return {
    name,
    forward([x], attributes) {
      const source = floatData(name, 'x', x!);
      const { dims, shape } = new Pooling(name, x!, attributes);
      const data = allocateLike(x!, sizeOf(shape));
      const [rows, columns] = attributes.countIncludePad ? plane(attributes.padding, 0) : [0, 0];
      const numbers = [...dims, rows, rows, columns, columns, attributes.divisor];
      ops['avg_pool2d']!(source, data, ...numbers);
      return { data, shape, saved: { arrays: [], numbers } };
    },
    backward(gradient, [x], { numbers }, target) {
      const out = target(0);
      if (out === undefined) return;
      ops['avg_pool2d_gradient']!(gradient, allocateLike(x!, gradient.length), out, ...numbers);
    },
  };
}

/** Of images [n, c, h, w]. */
export const avgPool2d: Operation<AveragingAttributes> = avgPool('avgPool2d');

/** Of sequences [n, c, length]: images with one row. */
export const avgPool1d: Operation<AveragingAttributes> = avgPool('avgPool1d');
