import { KnownKeys, probability } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { labelLoss } from '../tensor/ops/errors.ts';
import * as means from '../tensor/ops/loss.ts';
import { sameShape, showShape } from '../tensor/shape.ts';
import { apply, Tensor } from '../tensor/tensor.ts';
import { floatDType } from '../tensor/value.ts';
import { checkLoss, checkTensor, isPlain, lossKeys, type LossOptions, reduced } from './losses.ts';

/** The label that does not count unless another one is said: PyTorch's. */
const IGNORED = -100;

/** Options of {@link nllLoss}. */
export interface NLLOptions extends LossOptions {
  /** What each class counts, [classes]; the mean is over these weights. It gets no gradient. */
  readonly weight?: Tensor;
  /** The label that does not count; −100 unless given. */
  readonly ignoreIndex?: number;
}

const nllKeys = new KnownKeys([...lossKeys, 'weight', 'ignoreIndex']);

/** Throws unless these are options of {@link nllLoss}. */
export function checkNll(owner: string, options: NLLOptions, keys: KnownKeys = nllKeys): void {
  checkLoss(owner, options, keys);
  const { ignoreIndex = IGNORED } = options;
  if (Number.isInteger(ignoreIndex) && Math.abs(ignoreIndex) < 2 ** 31) return;
  throw new ArgumentError('ERR_OPTION', owner, 'ignoreIndex', 'a whole number of 32 bits', ignoreIndex);
}

/** The options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends NLLOptions {
  /** The share of each target that is spread over all classes, from 0 to 1; 0 unless given. */
  readonly labelSmoothing?: number;
}

const entropyKeys = new KnownKeys([...lossKeys, 'weight', 'ignoreIndex', 'labelSmoothing']);

/** Throws unless these are options of {@link crossEntropy}. */
export function checkEntropy(owner: string, options: CrossEntropyOptions): void {
  checkNll(owner, options, entropyKeys);
  probability(owner, 'labelSmoothing', options.labelSmoothing ?? 0);
}

/** Throws unless there is an axis of classes, and weights for these if any. */
function checkClasses(owner: string, name: string, input: Tensor, weight: Tensor | undefined): void {
  const { shape } = input;
  if (shape.length === 0) {
    const expected = 'a tensor [samples, classes, …] or [classes]';
    throw new ArgumentError('ERR_SHAPE', owner, name, expected, showShape(shape));
  }
  const classes = shape[shape.length === 1 ? 0 : 1]!;
  if (weight === undefined || sameShape(checkTensor(owner, 'weight', weight, input).shape, [classes])) return;
  const expected = `of shape [${classes}], one weight a class`;
  throw new ArgumentError('ERR_SHAPE', owner, 'weight', expected, showShape(weight.shape));
}

/** The loss of labels by logarithms of probabilities. */
function ofLabels(owner: string, logs: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight, ignoreIndex = IGNORED, labelSmoothing: smoothing = 0 } = options;
  const shape = logs.shape.length === 1 ? [] : logs.shape.toSpliced(1, 1);
  if (!sameShape(target.shape, shape)) {
    const expected = `of shape ${showShape(shape)}, one class a place`;
    throw new ArgumentError('ERR_SHAPE', owner, 'target', expected, showShape(target.shape));
  }
  const inputs = weight === undefined ? [logs, target] : [logs, target, weight];
  let counted: Tensor | undefined;
  const losses = apply(labelLoss, inputs, {
    owner,
    ignoreIndex,
    smoothing,
    seen: (data) => (counted = new Tensor({ data, shape, dtype: floatDType(logs), requiresGrad: false })),
  });
  return reduced(owner, losses, options, counted);
}

/**
 * −w[target]·`input`[target] of each sample, w being the weights of classes: PyTorch's `nll_loss`. The mean is
 * Σwℓ/Σw over the labels that count; NaN where there are none.
 *
 * @param input logarithms of probabilities: [samples, classes], [samples, classes, …] or [classes].
 * @param target int32 of the same shape without the classes: each a class from 0, or `ignoreIndex`.
 */
export function nllLoss(input: Tensor, target: Tensor, options: NLLOptions = {}): Tensor {
  checkNll('nllLoss', options);
  checkClasses('nllLoss', 'input', input, options.weight);
  return ofLabels('nllLoss', input, target, options);
}

/** The loss of probabilities as targets. */
function ofShares(logs: Tensor, target: Tensor, axis: number, options: CrossEntropyOptions): Tensor {
  const owner = 'crossEntropy';
  const { weight, ignoreIndex = IGNORED, labelSmoothing = 0 } = options;
  if (ignoreIndex !== IGNORED) {
    const fix = 'A sample without a target has the sampleWeight 0.';
    const expected = 'left out where targets are probabilities';
    throw new ArgumentError('ERR_OPTION', owner, 'ignoreIndex', expected, ignoreIndex, fix);
  }
  checkTensor(owner, 'target', target, logs);
  if (!sameShape(target.shape, logs.shape)) {
    const expected = `of shape ${showShape(logs.shape)} as \`logits\` is, or int32 labels`;
    throw new ArgumentError('ERR_SHAPE', owner, 'target', expected, showShape(target.shape));
  }
  const share = labelSmoothing / logs.shape[axis]!;
  const wanted = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(share);
  const terms = logs.mul(wanted);
  const shape = [logs.shape[axis]!, ...logs.shape.slice(axis + 1).map(() => 1)];
  const all = weight === undefined ? terms : terms.mul(weight.reshape(shape));
  return reduced(owner, all.sum(axis).neg(), options);
}

/** Whether nothing is asked for but the mean over samples: one pass over the logits. */
function isDefault(options: CrossEntropyOptions): boolean {
  const { weight, ignoreIndex = IGNORED, labelSmoothing = 0 } = options;
  return isPlain(options) && weight === undefined && ignoreIndex === IGNORED && labelSmoothing === 0;
}

/**
 * −w[target]·ln softmax(`logits`)[target] of each sample, w being the weights of classes: PyTorch's
 * `cross_entropy`. The mean is Σwℓ/Σw over the labels that count, NaN where there are none; of probabilities
 * as targets it is over all samples, whatever the weights.
 *
 * @param logits [samples, classes], [samples, classes, …] or [classes].
 * @param target int32 of the same shape without the classes, each a class from 0 or `ignoreIndex`; or
 *   probabilities of the whole shape.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const owner = 'crossEntropy';
  checkEntropy(owner, options);
  checkClasses(owner, 'logits', logits, options.weight);
  const labelled = target.dtype === 'int32' || !sameShape(target.shape, logits.shape);
  if (labelled && logits.shape.length === 2 && isDefault(options)) {
    return apply(means.crossEntropy, [logits, target]);
  }
  const axis = logits.shape.length === 1 ? 0 : 1;
  const logs = logits.logSoftmax(axis);
  return labelled ? ofLabels(owner, logs, target, options) : ofShares(logs, target, axis, options);
}
