import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { checkChannels, type ConvolutionAttributes, noBias, scratchFor } from './conv.ts';
import { alike } from './matmul.ts';
import { plane, type Sides, split, thingsOf } from './window.ts';

/** How windows lie over the result. */
export interface TransposedAttributes extends ConvolutionAttributes {
  /** Rows and columns behind the last window, less than a stride. */
  readonly outputPadding: Sides;
}

/** The sizes of the convolution that would go from the result of a transposed one back to its input. */
class Transposed {
  /** In the order of the native table. */
  readonly dims: readonly number[];
  /** Of the result. */
  readonly shape: Shape;

  constructor(owner: string, x: Value, weight: Value, attributes: TransposedAttributes) {
    const { stride, padding, dilation, groups, outputPadding } = attributes;
    const axes = stride.length;
    const [n, c, sides] = split(owner, 'x', x, ['samples, channels', axes]);
    const lead = `channels, outChannels${groups > 1 ? '/groups' : ''}`;
    const [channels, per, kernel] = split(owner, 'weight', weight, [lead, axes]);
    checkChannels(owner, x, weight, [c, channels, groups]);
    if (channels % groups !== 0) {
      const expected = `of channels that ${groups} groups divide`;
      throw new ArgumentError('ERR_SHAPE', owner, 'weight', expected, showShape(weight.shape));
    }
    const along = (size: number, i: number): number =>
      (size - 1) * stride[i]! -
      2 * padding[i]! +
      dilation[i]! * (kernel[i]! - 1) +
      1 +
      (outputPadding[i] ?? 0);
    const result = sides.map(along);
    if (Math.min(...kernel, ...sides, ...result) < 1) {
      const expected = `of ${thingsOf(axes)} whose result has at least one element a channel, and not ${showShape(result)}`;
      throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x.shape));
    }
    const ways = [...plane(stride, 1), ...plane(padding, 0), ...plane(dilation, 1), groups];
    this.shape = [n, per * groups, ...result];
    this.dims = [n, per * groups, ...plane(result, 1), c, ...plane(kernel, 1), ...ways];
  }
}

/**
 * Each element of x times weight[c, o/groups, …], added up where windows of the result lie: the gradient by its
 * input of a convolution, as an operation of its own.
 */
function transposed(name: string): Operation<TransposedAttributes> {
  return {
    name,
    forward([x, weight], attributes) {
      const source = floatData(name, 'x', x!);
      const filters = floatData(name, 'weight', weight!);
      const { dims, shape } = new Transposed(name, x!, weight!, attributes);
      alike(name, 'weight', weight!, x!);
      const data = allocateLike(x!, sizeOf(shape));
      ops['conv2d_by_input']!(source, filters, scratchFor('conv2d_by_input', x!, dims), data, ...dims);
      return { data, shape, saved: { arrays: [], numbers: dims } };
    },
    backward(gradient, [x, weight], { numbers: dims }, target) {
      const byX = target(0);
      if (byX !== undefined) {
        const all = [...dims, 0];
        const scratch = scratchFor('conv2d', x!, all);
        ops['conv2d']!(gradient, floatData(name, 'weight', weight!), noBias(x!), scratch, byX, ...all);
      }
      const byWeight = target(1);
      if (byWeight !== undefined) {
        const scratch = scratchFor('conv2d_by_weight', x!, dims);
        ops['conv2d_by_weight']!(gradient, floatData(name, 'x', x!), scratch, byWeight, ...dims);
      }
    },
  };
}

/** Of images [n, c, h, w]. */
export const convTranspose2d: Operation<TransposedAttributes> = transposed('convTranspose2d');

/** Of sequences [n, c, length]: images with one row. */
export const convTranspose1d: Operation<TransposedAttributes> = transposed('convTranspose1d');
