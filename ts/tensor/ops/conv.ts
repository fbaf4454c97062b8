import { ArgumentError } from '../../errors.ts';
import { type FloatArray, operandLength, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { type Shape, showShape } from '../shape.ts';
import { allocateLike, floatData, floatDType } from '../value.ts';
import { alike } from './matmul.ts';

/** A number for rows, and one for columns. */
type Sides = readonly [rows: number, columns: number];

/** How windows lie. */
export interface ConvolutionAttributes {
  /** From one window to the next. */
  readonly stride: Sides;
  /** Zeros around each image, on each side. */
  readonly padding: Sides;
  /** From one tap of a window to the next. */
  readonly dilation: Sides;
  /** Parts of the channels, each part of the result seeing one of the image. */
  readonly groups: number;
}

/** How many windows of `kernel` taps lie along `size`. */
export function windows(size: number, kernel: number, stride: number, padding = 0, dilation = 1): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
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

/** The sizes of a convolution. */
export class Convolution {
  /** In the order of the native table. */
  readonly dims: readonly number[];
  /** Of the result. */
  readonly shape: readonly [number, number, number, number];
  /** What a backward pass makes them of, with the same inputs. */
  readonly saved: readonly number[];

  constructor(x: Value, weight: Value, { stride, padding, dilation, groups }: ConvolutionAttributes) {
    const [n, c, h, w] = fourAxes('conv2d', 'x', '[samples, channels, height, width]', x);
    const filters = `[outChannels, channels${groups > 1 ? '/groups' : ''}, height, width]`;
    const [o, channels, kh, kw] = fourAxes('conv2d', 'weight', filters, weight);
    if (channels * groups !== c) {
      const parts = groups > 1 ? ` and there are ${groups} groups` : '';
      const expected = `of ${channels * groups} channels, for the weights are ${showShape(weight.shape)}${parts}`;
      throw new ArgumentError('ERR_SHAPE', 'conv2d', 'x', expected, showShape(x.shape));
    }
    if (o % groups !== 0) {
      const expected = `of outChannels that ${groups} groups divide`;
      throw new ArgumentError('ERR_SHAPE', 'conv2d', 'weight', expected, showShape(weight.shape));
    }
    const rows = windows(h, kh, stride[0], padding[0], dilation[0]);
    const columns = windows(w, kw, stride[1], padding[1], dilation[1]);
    if (kh < 1 || kw < 1 || rows < 1 || columns < 1) {
      const padded = showShape([h + 2 * padding[0], w + 2 * padding[1]]);
      const expected = `of windows that fit into images of ${padded}, padding included`;
      throw new ArgumentError('ERR_SHAPE', 'conv2d', 'weight', expected, showShape(weight.shape));
    }
    this.saved = [...stride, ...padding, ...dilation, groups];
    this.dims = [n, c, h, w, o, kh, kw, ...this.saved];
    this.shape = [n, o, rows, columns];
  }

  /** The same ones again, of the numbers that a forward pass has saved first. */
  static of(x: Value, weight: Value, saved: readonly number[]): Convolution {
    const [sh, sw, ph, pw, dh, dw, groups] = saved as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return new Convolution(x, weight, { stride: [sh, sw], padding: [ph, pw], dilation: [dh, dw], groups });
  }
}

/** Memory that `op` of these dimensions works in. */
export function scratchFor(op: string, like: Value, dims: readonly number[]): FloatArray {
  return allocateLike(like, operandLength(op, 'scratch', dims));
}

/** No bias. Not a result: a captured step takes it for a constant. */
const none = { float32: new Float32Array(0), float64: new Float64Array(0) };

/** The bias of so many channels; an empty array if there is none. */
export function biasData(bias: Value | undefined, like: Value, channels: number): FloatArray {
  if (bias === undefined) return none[floatDType(like)];
  alike('conv2d', 'bias', bias, like);
  if (bias.shape.length === 1 && bias.size === channels) return floatData('conv2d', 'bias', bias);
  const expected = `of shape [${channels}], one number a channel`;
  throw new ArgumentError('ERR_SHAPE', 'conv2d', 'bias', expected, showShape(bias.shape));
}

/** The windows of x[n, c, h, w] times weight[o, c/groups, kh, kw], plus bias[o]; the bias may be left out. */
export const conv2d: Operation<ConvolutionAttributes> = {
  name: 'conv2d',
  forward([x, weight, bias], attributes) {
    const source = floatData('conv2d', 'x', x!);
    const filters = floatData('conv2d', 'weight', weight!);
    const { dims, shape, saved } = new Convolution(x!, weight!, attributes);
    alike('conv2d', 'weight', weight!, x!);
    const shift = biasData(bias, x!, shape[1]);
    const all = [...dims, bias === undefined ? 0 : 1];
    const data = allocateLike(x!, operandLength('conv2d', 'out', all));
    ops['conv2d']!(source, filters, shift, scratchFor('conv2d', x!, all), data, ...all);
    return { data, shape: shape as Shape, saved: { arrays: [], numbers: saved } };
  },
  backward(gradient, [x, weight, bias], { numbers }, target) {
    const { dims, shape } = Convolution.of(x!, weight!, numbers);
    const byX = target(0);
    if (byX !== undefined) {
      const scratch = scratchFor('conv2d_by_input', x!, dims);
      ops['conv2d_by_input']!(gradient, floatData('conv2d', 'weight', weight!), scratch, byX, ...dims);
    }
    const byWeight = target(1);
    if (byWeight !== undefined) {
      const scratch = scratchFor('conv2d_by_weight', x!, dims);
      ops['conv2d_by_weight']!(floatData('conv2d', 'x', x!), gradient, scratch, byWeight, ...dims);
    }
    const byBias = bias === undefined ? undefined : target(2);
    if (byBias !== undefined)
      ops['conv2d_by_bias']!(gradient, byBias, shape[0], shape[1], shape[2] * shape[3]);
  },
};
