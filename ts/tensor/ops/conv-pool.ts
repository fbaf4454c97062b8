import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { biasData, Convolution, type ConvolutionAttributes, scratchFor } from './conv.ts';
import { alike } from './matmul.ts';
import { pooledSides } from './pool.ts';
import type { Sides } from './window.ts';

/** Square windows, as many as lie wholly in an image. */
export interface SquareWindows {
  /** Rows and columns of a window. */
  readonly kernel: number;
  /** From one window to the next, both ways. */
  readonly stride: number;
}

/** A convolution, relu if wanted, and the maxima of windows over it. */
export interface ConvolutionPoolingAttributes extends ConvolutionAttributes {
  readonly pooling: SquareWindows;
  readonly rectified: boolean;
}

/** How many windows there are along each axis of the planes of a result. */
function maxima(shape: Shape, { kernel, stride }: SquareWindows): Sides {
  const both = (x: number): Sides => [x, x];
  const windows = { kernel: both(kernel), stride: both(stride), padding: both(0), dilation: both(1) };
  return pooledSides('maxPool2d', shape, shape.slice(2), windows);
}

/**
 * What conv2d, relu and maxPool2d give one after the other, with the same bits; what is between them, most of
 * the memory that they would move, stays in a core's cache. Their gradient by the bias is summed over the
 * maxima alone.
 */
export const conv2dPool: Operation<ConvolutionPoolingAttributes> = {
  name: 'conv2d',
  forward([x, weight, bias], attributes) {
    const source = floatData('conv2d', 'x', x!);
    const filters = floatData('conv2d', 'weight', weight!);
    const { dims, shape: before, saved } = new Convolution('conv2d', x!, weight!, attributes);
    alike('conv2d', 'weight', weight!, x!);
    const shift = biasData('conv2d', bias, x!, before[1]!);
    const { pooling, rectified } = attributes;
    const shape = [before[0]!, before[1]!, ...maxima(before, pooling)];
    const all = [...dims, pooling.kernel, pooling.stride, bias === undefined ? 0 : 1];
    const data = allocateLike(x!, sizeOf(shape));
    const order = allocateInts(data.length);
    const scratch = scratchFor('conv2d_pool', x!, all);
    ops['conv2d_pool']!(source, filters, shift, scratch, order, data, ...all, Number(rectified));
    const numbers = [...saved, pooling.kernel, pooling.stride];
    return { data, shape, saved: { arrays: rectified ? [order, data] : [order], numbers } };
  },
  backward(gradient, [x, weight, bias], { arrays: [order, data], numbers }, target) {
    const { dims, shape } = Convolution.of('conv2d', x!, weight!, numbers);
    const all = [...dims, ...numbers.slice(-2)];
    let upstream = gradient;
    if (data !== undefined) {
      upstream = allocateLike(x!, gradient.length);
      ops['relu_gradient']!(data, gradient, upstream, gradient.length);
    }
    const byX = target(0);
    if (byX !== undefined) {
      const scratch = scratchFor('conv2d_pool_by_input', x!, all);
      const filters = floatData('conv2d', 'weight', weight!);
      ops['conv2d_pool_by_input']!(upstream, order!, filters, scratch, byX, ...all);
    }
    const byWeight = target(1);
    if (byWeight !== undefined) {
      const scratch = scratchFor('conv2d_pool_by_weight', x!, all);
      const source = floatData('conv2d', 'x', x!);
      ops['conv2d_pool_by_weight']!(source, upstream, order!, scratch, byWeight, ...all);
    }
    const byBias = bias === undefined ? undefined : target(2);
    if (byBias !== undefined) {
      const [n, o] = [shape[0]!, shape[1]!];
      ops['conv2d_by_bias']!(upstream, byBias, n, o, n * o > 0 ? upstream.length / (n * o) : 0);
    }
  },
};
