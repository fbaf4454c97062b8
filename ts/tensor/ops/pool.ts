import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { showShape } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { fourAxes, windows } from './conv.ts';

/** Square windows. */
export interface PoolingAttributes {
  /** Rows and columns of a window. */
  readonly kernel: number;
  /** From one window to the next, both ways. */
  readonly stride: number;
}

/** The shape of the maxima of windows over images of `shape`, which must not be smaller than a window. */
export function maximaShape(
  shape: readonly [number, number, number, number],
  { kernel, stride }: PoolingAttributes,
): readonly [number, number, number, number] {
  const [n, c, h, w] = shape;
  if (kernel > h || kernel > w) {
    const expected = `of images of at least ${showShape([kernel, kernel])}, the size of a window`;
    throw new ArgumentError('ERR_SHAPE', 'maxPool2d', 'x', expected, showShape(shape));
  }
  return [n, c, windows(h, kernel, stride), windows(w, kernel, stride)];
}

/** The maximum of each window of x[n, c, h, w]. */
export const maxPool2d: Operation<PoolingAttributes> = {
  name: 'maxPool2d',
  forward([x], { kernel, stride }) {
    const source = floatData('maxPool2d', 'x', x!);
    const axes = fourAxes('maxPool2d', 'x', '[samples, channels, height, width]', x!);
    const [n, c, h, w] = axes;
    const shape = maximaShape(axes, { kernel, stride });
    const data = allocateLike(x!, n * c * shape[2] * shape[3]);
    const order = allocateInts(data.length);
    ops['max_pool2d']!(source, order, data, n * c, h, w, kernel, stride);
    return { data, shape, saved: { arrays: [order], numbers: [kernel, stride] } };
  },
  backward(gradient, [x], { arrays: [order], numbers: [kernel, stride] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const [n, c, h, w] = x!.shape;
    ops['max_pool2d_gradient']!(gradient, order!, out, n! * c!, h!, w!, kernel!, stride!);
  },
};
