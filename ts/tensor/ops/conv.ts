import { ArgumentError } from '../../errors.ts';
import { type FloatArray, operandLength, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData, floatDType } from '../value.ts';
import { alike } from './matmul.ts';
import { plane, type Sides, showPadded, split, thingsOf, windowsOf } from './window.ts';

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

/** The sizes of a convolution. */
export class Convolution {
  /** In the order of the native table. */
  readonly dims: readonly number[];
  /** Of the result. */
  readonly shape: Shape;
  /** What a backward pass makes them of, with the same inputs. */
  readonly saved: readonly number[];

  constructor(owner: string, x: Value, weight: Value, attributes: ConvolutionAttributes) {
    const { stride, padding, dilation, groups } = attributes;
    const axes = stride.length;
    const [n, c, sides] = split(owner, 'x', x, ['samples, channels', axes]);
    const lead = `outChannels, channels${groups > 1 ? '/groups' : ''}`;
    const [o, channels, kernel] = split(owner, 'weight', weight, [lead, axes]);
    checkChannels(owner, x, weight, [c, channels * groups, groups]);
    if (o % groups !== 0) {
      const expected = `of outChannels that ${groups} groups divide`;
      throw new ArgumentError('ERR_SHAPE', owner, 'weight', expected, showShape(weight.shape));
    }
    const windows = windowsOf(sides, { kernel, stride, padding, dilation });
    if (Math.min(...kernel, ...windows) < 1) {
      const padded = showPadded(sides, padding);
      const expected = `of windows that fit into ${thingsOf(axes)} of ${padded}, padding included`;
      throw new ArgumentError('ERR_SHAPE', owner, 'weight', expected, showShape(weight.shape));
    }
    this.saved = [...plane(stride, 1), ...plane(padding, 0), ...plane(dilation, 1), groups];
    this.dims = [n, c, ...plane(sides, 1), o, ...plane(kernel, 1), ...this.saved];
    this.shape = [n, o, ...windows];
  }

  /** The same ones again, of the numbers that a forward pass has saved first. */
  static of(owner: string, x: Value, weight: Value, saved: readonly number[]): Convolution {
    const of = (first: number): Sides => saved.slice(first, first + 2).slice(2 - (x.shape.length - 2));
    const attributes = { stride: of(0), padding: of(2), dilation: of(4), groups: saved[6]! };
    return new Convolution(owner, x, weight, attributes);
  }
}

/** Throws unless `x` has the channels that the weights are for. */
export function checkChannels(
  owner: string,
  x: Value,
  weight: Value,
  [channels, expected, groups]: readonly [number, number, number],
): void {
  if (channels === expected) return;
  const parts = groups > 1 ? ` and there are ${groups} groups` : '';
  const what = `of ${expected} channels, for the weights are ${showShape(weight.shape)}${parts}`;
  throw new ArgumentError('ERR_SHAPE', owner, 'x', what, showShape(x.shape));
}

/** Memory that `op` of these dimensions works in. */
export function scratchFor(op: string, like: Value, dims: readonly number[]): FloatArray {
  return allocateLike(like, operandLength(op, 'scratch', dims));
}

/** No bias. Not a result: a captured step takes it for a constant. */
const none = { float32: new Float32Array(0), float64: new Float64Array(0) };

/** An empty array of the precision of `like`, for an operation without bias. */
export function noBias(like: Value): FloatArray {
  return none[floatDType(like)];
}

/** The bias of so many channels; an empty array if there is none. */
export function biasData(owner: string, bias: Value | undefined, like: Value, channels: number): FloatArray {
  if (bias === undefined) return noBias(like);
  alike(owner, 'bias', bias, like);
  if (bias.shape.length === 1 && bias.size === channels) return floatData(owner, 'bias', bias);
  const expected = `of shape [${channels}], one number a channel`;
  throw new ArgumentError('ERR_SHAPE', owner, 'bias', expected, showShape(bias.shape));
}

/** The windows of x times weight[o, c/groups, …], plus bias[o]; the bias may be left out. */
function convolution(name: string): Operation<ConvolutionAttributes> {
  return {
    name,
    forward([x, weight, bias], attributes) {
      const source = floatData(name, 'x', x!);
      const filters = floatData(name, 'weight', weight!);
      const { dims, shape, saved } = new Convolution(name, x!, weight!, attributes);
      alike(name, 'weight', weight!, x!);
      const shift = biasData(name, bias, x!, shape[1]!);
      const all = [...dims, bias === undefined ? 0 : 1];
      const data = allocateLike(x!, sizeOf(shape));
      ops['conv2d']!(source, filters, shift, scratchFor('conv2d', x!, all), data, ...all);
      return { data, shape, saved: { arrays: [], numbers: saved } };
    },
    backward(gradient, [x, weight, bias], { numbers }, target) {
      const { dims, shape } = Convolution.of(name, x!, weight!, numbers);
      const byX = target(0);
      if (byX !== undefined) {
        const scratch = scratchFor('conv2d_by_input', x!, dims);
        ops['conv2d_by_input']!(gradient, floatData(name, 'weight', weight!), scratch, byX, ...dims);
      }
      const byWeight = target(1);
      if (byWeight !== undefined) {
        const scratch = scratchFor('conv2d_by_weight', x!, dims);
        ops['conv2d_by_weight']!(floatData(name, 'x', x!), gradient, scratch, byWeight, ...dims);
      }
      const byBias = bias === undefined ? undefined : target(2);
      if (byBias !== undefined)
        ops['conv2d_by_bias']!(gradient, byBias, shape[0]!, shape[1]!, sizeOf(shape.slice(2)));
    },
  };
}

/** Of images [n, c, h, w]. */
export const conv2d: Operation<ConvolutionAttributes> = convolution('conv2d');

/** Of sequences [n, c, length]: images with one row. */
export const conv1d: Operation<ConvolutionAttributes> = convolution('conv1d');
