/** Layers and losses as functions of tensors. */
import { flag, KnownKeys, probability } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Generator, generatorFor } from '../random.ts';
import { dropout as dropoutOperation } from '../tensor/ops/dropout.ts';
import * as losses from '../tensor/ops/loss.ts';
import { linear as linearOperation } from '../tensor/ops/matmul.ts';
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

/**
 * The mean over samples of −ln softmax(`logits`)[target].
 *
 * @param logits [samples, classes].
 * @param target int32 [samples], each a class from 0.
 */
export function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return apply(losses.crossEntropy, [logits, target]);
}

/** The mean over all elements of (`input` − `target`)². */
export function mseLoss(input: Tensor, target: Tensor): Tensor {
  return apply(losses.meanSquaredError, [input, target]);
}

/**
 * The mean over all elements of −ln σ(`input`)·`target` − ln(1 − σ(`input`))·(1 − `target`), in a form
 * that does not overflow.
 *
 * @param input logits, of any shape.
 * @param target of the same shape and precision: 0, 1, or a probability.
 */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor): Tensor {
  return apply(losses.logisticLoss, [input, target]);
}

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
export {
  conv1d,
  type Conv1dOptions,
  conv2d,
  type Conv2dOptions,
  convTranspose1d,
  type ConvTranspose1dOptions,
  convTranspose2d,
  type ConvTranspose2dOptions,
} from './convolve.ts';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  type AvgPool1dOptions,
  avgPool2d,
  type AvgPool2dOptions,
  maxPool1d,
  type MaxPool1dOptions,
  maxPool2d,
  type MaxPool2dOptions,
} from './pooling.ts';
