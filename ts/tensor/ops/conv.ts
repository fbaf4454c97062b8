import { ArgumentError } from '../../errors.ts';
import { type FloatArray, layout, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { type Shape, showShape } from '../shape.ts';
import { allocateLike, floatData, floatDType } from '../value.ts';
import { alike } from './matmul.ts';

/** How windows lie. */
export interface ConvolutionAttributes {
  /** From one window to the next, both ways. */
  readonly stride: number;
  /** Zeros around each image. */
  readonly padding: number;
}

/** How many windows of `kernel` lie along `size`. */
export function windows(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** Throws unless `value` has four axes, which `expected` names, and returns their lengths. */
export function fourAxes(
  owner: string,
  name: string,
  expected: string,
  value: Value,
): readonly [number, number, number, number] {
  const [a, b, c, d, ...rest] = value.shape;
  if (a !== undefined && b !== undefined && c !== undefined && d !== undefined && rest.length === 0)
    return [a, b, c, d];
  throw new ArgumentError('ERR_SHAPE', owner, name, expected, showShape(value.shape));
}

/** The sizes of a convolution, in the order of its dimensions in the native table. */
class Sizes {
  readonly dims: readonly number[];
  readonly shape: Shape;
  readonly channels: number;
  readonly pixels: number;
  /** Elements of the columns of one image. */
  readonly columns: number;

  constructor(x: Value, weight: Value, { stride, padding }: ConvolutionAttributes) {
    const images = '[samples, channels, height, width]';
    const [n, c, h, w] = fourAxes('conv2d', 'x', images, x);
    const filters = '[outChannels, channels, height, width]';
    const [o, channels, kh, kw] = fourAxes('conv2d', 'weight', filters, weight);
    if (channels !== c) {
      const expected = `of ${channels} channels, for the weights are ${showShape(weight.shape)}`;
      throw new ArgumentError('ERR_SHAPE', 'conv2d', 'x', expected, showShape(x.shape));
    }
    if (kh < 1 || kw < 1 || kh > h + 2 * padding || kw > w + 2 * padding) {
      const padded = showShape([h + 2 * padding, w + 2 * padding]);
      const expected = `of windows that fit into images of ${padded}, padding included`;
      throw new ArgumentError('ERR_SHAPE', 'conv2d', 'weight', expected, showShape(weight.shape));
    }
    const [rows, columns] = [windows(h, kh, stride, padding), windows(w, kw, stride, padding)];
    this.dims = [n, c, h, w, o, kh, kw, stride, padding];
    this.shape = [n, o, rows, columns];
    this.channels = o;
    this.pixels = rows * columns;
    this.columns = c * kh * kw * this.pixels;
  }

  /** Memory for the columns of an image of each piece. */
  scratch(like: Value, needed: boolean): FloatArray {
    return allocateLike(like, needed ? this.pieces * this.columns : 0);
  }

  get pieces(): number {
    return Math.ceil(this.dims[0]! / layout.imagesOfAPiece);
  }
}

/** No bias. Not a result: a captured step takes it for a constant. */
const none = { float32: new Float32Array(0), float64: new Float64Array(0) };

function biasData(bias: Value | undefined, like: Value, channels: number): FloatArray {
  if (bias === undefined) return none[floatDType(like)];
  alike('conv2d', 'bias', bias, like);
  if (bias.shape.length === 1 && bias.size === channels) return floatData('conv2d', 'bias', bias);
  const expected = `of shape [${channels}], one number a channel`;
  throw new ArgumentError('ERR_SHAPE', 'conv2d', 'bias', expected, showShape(bias.shape));
}

/** The windows of x[n, c, h, w] times weight[o, c, kh, kw], plus bias[o]; the bias may be left out. */
export const conv2d: Operation<ConvolutionAttributes> = {
  name: 'conv2d',
  forward([x, weight, bias], attributes) {
    const source = floatData('conv2d', 'x', x!);
    const filters = floatData('conv2d', 'weight', weight!);
    const sizes = new Sizes(x!, weight!, attributes);
    alike('conv2d', 'weight', weight!, x!);
    const shift = biasData(bias, x!, sizes.channels);
    const data = allocateLike(x!, x!.shape[0]! * sizes.channels * sizes.pixels);
    const scratch = sizes.scratch(x!, sizes.channels > 0);
    ops['conv2d']!(source, filters, shift, scratch, data, ...sizes.dims, shift.length);
    const saved = { arrays: [], numbers: [attributes.stride, attributes.padding] };
    return { data, shape: sizes.shape, saved };
  },
  backward(gradient, [x, weight, bias], { numbers: [stride, padding] }, target) {
    const sizes = new Sizes(x!, weight!, { stride: stride!, padding: padding! });
    const { dims, channels, pixels, pieces } = sizes;
    const byX = target(0);
    if (byX !== undefined) {
      const scratch = sizes.scratch(x!, x!.shape[2]! > 0 && x!.shape[3]! > 0);
      ops['conv2d_by_input']!(gradient, floatData('conv2d', 'weight', weight!), scratch, byX, ...dims);
    }
    const byWeight = target(1);
    if (byWeight !== undefined) {
      const scratch = sizes.scratch(x!, channels > 0);
      const sums = allocateLike(x!, pieces * byWeight.length);
      ops['conv2d_by_weight']!(floatData('conv2d', 'x', x!), gradient, scratch, sums, byWeight, ...dims);
    }
    const byBias = bias === undefined ? undefined : target(2);
    if (byBias !== undefined) ops['conv2d_by_bias']!(gradient, byBias, x!.shape[0]!, channels, pixels);
  },
};
