/** Layers and losses as functions of tensors. */
import { flag, KnownKeys, probability, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Generator, generatorFor } from '../random.ts';
import { conv2d as conv2dOperation } from '../tensor/ops/conv.ts';
import { dropout as dropoutOperation } from '../tensor/ops/dropout.ts';
import { linear as linearOperation } from '../tensor/ops/matmul.ts';
import { maxPool2d as maxPool2dOperation } from '../tensor/ops/pool.ts';
import { showShape, sizeOf } from '../tensor/shape.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';

export * from './functional-activation.ts';
export * from './functional-augment.ts';

/** x[…, in] · weight[out, in]ᵀ + bias[out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const inputs = x.shape.at(-1);
  if (x.shape.length === 2 || inputs === undefined || inputs !== weight.shape[1]) {
    return apply(linearOperation, bias === undefined ? [x, weight] : [x, weight, bias]);
  }
  const rows = linear(x.reshape([sizeOf(x.shape.slice(0, -1)), inputs]), weight, bias);
  return rows.reshape([...x.shape.slice(0, -1), weight.shape[0]!]);
}

/** Options of {@link conv2d}. */
export interface Conv2dOptions {
  /** From one window to the next, both ways; 1 unless given. */
  readonly stride?: number;
  /** Zeros around each image, on each side; 0 unless given. */
  readonly padding?: number;
}

const conv2dKeys = new KnownKeys(['stride', 'padding']);

/**
 * The windows of `x` times `weight`, plus `bias`: a cross-correlation, as everywhere in the field.
 *
 * @param x [samples, channels, height, width].
 * @param weight [outChannels, channels, kernelHeight, kernelWidth].
 * @param bias [outChannels]; none unless given.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  conv2dKeys.check('conv2d', options);
  const { stride = 1, padding = 0 } = options;
  whole('conv2d', 'stride', stride, 1);
  whole('conv2d', 'padding', padding);
  return apply(conv2dOperation, [x, weight, ...(bias ? [bias] : [])], { stride, padding });
}

/** Options of {@link maxPool2d}. */
export interface MaxPool2dOptions {
  /** From one window to the next, both ways; the size of a window unless given. */
  readonly stride?: number;
}

const maxPool2dKeys = new KnownKeys(['stride']);

/**
 * The maximum of each square window of `kernelSize` rows and columns. The gradient goes to the first of
 * equal maxima; NaN is larger than any number.
 *
 * @param x [samples, channels, height, width].
 */
export function maxPool2d(x: Tensor, kernelSize: number, options: MaxPool2dOptions = {}): Tensor {
  whole('maxPool2d', 'kernelSize', kernelSize, 1);
  maxPool2dKeys.check('maxPool2d', options);
  const { stride = kernelSize } = options;
  whole('maxPool2d', 'stride', stride, 1);
  return apply(maxPool2dOperation, [x], { kernel: kernelSize, stride });
}

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** Whether anything is zeroed; true unless given. */
  readonly training?: boolean;
  /** What draws the elements that are zeroed; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

const dropoutKeys = new KnownKeys(['training', 'generator']);

/**
 * x/(1 − `p`), each element zeroed with probability `p`: in the mean over draws x itself
 * (Srivastava et al. 2014). Out of training x as it is.
 *
 * @param p from 0 to 1; 0.5 unless given.
 */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  probability('dropout', 'p', p);
  dropoutKeys.check('dropout', options);
  const { training = true, generator } = options;
  flag('dropout', 'training', training);
  const source = generatorFor('dropout', generator);
  return training ? apply(dropoutOperation, [x], { p, generator: source }) : x;
}

/** The same elements as [samples, everything else], over the same memory. */
export function flatten(x: Tensor): Tensor {
  if (x.shape.length >= 2) return x.flatten(1);
  const expected = 'a tensor of at least 2 axes, samples first';
  throw new ArgumentError('ERR_SHAPE', 'flatten', 'x', expected, showShape(x.shape));
}

export {
  type BCEOptions,
  type BCEWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  type HuberOptions,
  klDiv,
  type KLDivOptions,
  l1Loss,
  type LossOptions,
  mseLoss,
  type Reduction,
  smoothL1Loss,
  type SmoothL1Options,
} from './losses.ts';
export { crossEntropy, type CrossEntropyOptions, nllLoss, type NLLOptions } from './label-losses.ts';
export { pad, type PadOptions } from './pad.ts';
export {
  batchNorm,
  type BatchNormOptions,
  groupNorm,
  type GroupNormOptions,
  instanceNorm,
  layerNorm,
  type LayerNormOptions,
  rmsNorm,
  type RunningStatistics,
} from './normalize.ts';
