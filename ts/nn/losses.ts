import { flag, KnownKeys, nonNegative, oneOf, positive } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import {
  bentError,
  divergence,
  logisticError,
  probabilityError,
  squaredError,
} from '../tensor/ops/errors.ts';
import * as means from '../tensor/ops/loss.ts';
import { sameShape, showShape } from '../tensor/shape.ts';
import { apply, Tensor } from '../tensor/tensor.ts';

/** What becomes of the losses of all elements or samples: their mean, their sum, or each as it is. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of every loss. */
export interface LossOptions {
  /** `mean` unless given. */
  readonly reduction?: Reduction;
  /**
   * What each sample counts, of the first axes of the loss before its reduction, such as [samples]. A mean is
   * then Σwℓ/Σw. All alike unless given.
   */
  readonly sampleWeight?: Tensor;
}

/** The names of the options of every loss. */
export const lossKeys = ['reduction', 'sampleWeight'] as const;

const common = new KnownKeys(lossKeys);

interface Weighted {
  readonly loss: Tensor;
  /** The weights as they multiply the loss; undefined where all are 1. */
  readonly weight: Tensor | undefined;
}

/** The losses, each times the weight of its sample. */
function weighted(owner: string, loss: Tensor, sampleWeight: Tensor | undefined): Weighted {
  if (sampleWeight === undefined) return { loss, weight: undefined };
  const { length } = checkTensor(owner, 'sampleWeight', sampleWeight, loss).shape;
  if (!sameShape(sampleWeight.shape, loss.shape.slice(0, length))) {
    const expected = `of the first axes of ${showShape(loss.shape)}`;
    throw new ArgumentError('ERR_SHAPE', owner, 'sampleWeight', expected, showShape(sampleWeight.shape));
  }
  const weight = sampleWeight.reshape([...sampleWeight.shape, ...loss.shape.slice(length).map(() => 1)]);
  return { loss: loss.mul(weight), weight };
}

/** A tensor of numbers in the precision of `like`. */
export function checkTensor(owner: string, name: string, value: unknown, like: Tensor): Tensor {
  if (!(value instanceof Tensor)) {
    throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor', value);
  }
  if (value.dtype === like.dtype) return value;
  const fix = `Convert it with to('${like.dtype}').`;
  throw new ArgumentError('ERR_TYPE', owner, name, `of ${like.dtype} as \`input\` is`, value.dtype, fix);
}

const reductions: readonly Reduction[] = ['mean', 'sum', 'none'];

/** The losses of all elements, reduced; `counted` is what each counts in the mean beside its weight. */
export function reduced(
  owner: string,
  losses: Tensor,
  { reduction = 'mean', sampleWeight }: { reduction?: Reduction; sampleWeight?: Tensor | undefined },
  counted?: Tensor,
): Tensor {
  const { loss, weight } = weighted(owner, losses, sampleWeight);
  if (reduction === 'none') return loss;
  if (reduction === 'sum') return loss.sum();
  if (counted !== undefined) {
    return loss.sum().div((weight === undefined ? counted : counted.mul(weight)).sum());
  }
  if (weight === undefined) return loss.mean();
  return loss.sum().div(weight.sum().mul(loss.size / weight.size));
}

/** Whether nothing is asked for but the mean. */
export const isPlain = ({ reduction = 'mean', sampleWeight }: LossOptions): boolean =>
  reduction === 'mean' && sampleWeight === undefined;

/** The options of a loss, checked as far as all losses have them. */
export function checkLoss(owner: string, options: LossOptions, keys: KnownKeys = common): void {
  keys.check(owner, options);
  oneOf(owner, 'reduction', options.reduction ?? 'mean', reductions);
}

/**
 * (`input` − `target`)² of each element: PyTorch's `mse_loss`.
 *
 * @param target of the shape and precision of `input`.
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkLoss('mseLoss', options);
  if (isPlain(options)) return apply(means.meanSquaredError, [input, target]);
  return reduced('mseLoss', apply(squaredError, [input, target], []), options);
}

const absolute = bentError('l1Loss');

/** |`input` − `target`| of each element, with gradient 0 where they are equal: PyTorch's `l1_loss`. */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkLoss('l1Loss', options);
  return reduced('l1Loss', apply(absolute, [input, target], [0, 1]), options);
}

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1Options extends LossOptions {
  /** Below it the loss is a parabola; at least 0, 1 unless given. */
  readonly beta?: number;
}

const smoothKeys = new KnownKeys([...lossKeys, 'beta']);
const smooth = bentError('smoothL1Loss');

/** The checked bend of {@link smoothL1Loss}. */
export function checkSmoothL1(owner: string, options: SmoothL1Options): number {
  checkLoss(owner, options, smoothKeys);
  return nonNegative(owner, 'beta', options.beta ?? 1);
}

/**
 * d²/(2·beta) where d = |`input` − `target`| is below `beta`, d − beta/2 elsewhere: PyTorch's `smooth_l1_loss`.
 *
 * @see Girshick 2015, https://arxiv.org/abs/1504.08083
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  const owner = 'smoothL1Loss';
  const beta = checkSmoothL1(owner, options);
  return reduced(owner, apply(smooth, [input, target], [beta, 1]), options);
}

/** Options of {@link huberLoss}. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola goes over into lines; above 0, 1 unless given. */
  readonly delta?: number;
}

const huberKeys = new KnownKeys([...lossKeys, 'delta']);
const huber = bentError('huberLoss');

/** The checked bend of {@link huberLoss}. */
export function checkHuber(owner: string, options: HuberOptions): number {
  checkLoss(owner, options, huberKeys);
  return positive(owner, 'delta', options.delta ?? 1);
}

/**
 * d²/2 where d = |`input` − `target`| is below `delta`, delta·(d − delta/2) elsewhere: PyTorch's `huber_loss`.
 *
 * @see Huber 1964, https://doi.org/10.1214/aoms/1177703732
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  const owner = 'huberLoss';
  const delta = checkHuber(owner, options);
  return reduced(owner, apply(huber, [input, target], [delta, delta]), options);
}

/** Options of {@link binaryCrossEntropy}. */
export interface BCEOptions extends LossOptions {
  /** Multiplies the loss of each element, and does not count in the mean; of a shape that broadcasts. */
  readonly weight?: Tensor;
}

/** The names of the options of {@link binaryCrossEntropy}. */
export const bceKeys: KnownKeys = new KnownKeys([...lossKeys, 'weight']);

/** Losses times the weights of elements. */
function rescaled(owner: string, losses: Tensor, weight: Tensor | undefined): Tensor {
  return weight === undefined ? losses : losses.mul(checkTensor(owner, 'weight', weight, losses));
}

/**
 * −ln(`input`)·`target` − ln(1 − `input`)·(1 − `target`) of each element, no logarithm below −100: PyTorch's
 * `binary_cross_entropy`. {@link binaryCrossEntropyWithLogits} is more exact.
 *
 * @param input probabilities; outside of [0, 1] the loss is NaN.
 * @param target of the same shape and precision: 0, 1, or a probability.
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: BCEOptions = {}): Tensor {
  const owner = 'binaryCrossEntropy';
  checkLoss(owner, options, bceKeys);
  const losses = apply(probabilityError, [input, target], []);
  return reduced(owner, rescaled(owner, losses, options.weight), options);
}

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface BCEWithLogitsOptions extends BCEOptions {
  /** Multiplies the part of each positive element, such as [classes]; 1 unless given. It gets no gradient. */
  readonly posWeight?: Tensor;
}

/** The names of the options of {@link binaryCrossEntropyWithLogits}. */
export const logitsKeys: KnownKeys = new KnownKeys([...lossKeys, 'weight', 'posWeight']);

/**
 * −p·ln σ(`input`)·`target` − ln(1 − σ(`input`))·(1 − `target`) of each element, p being `posWeight`, in a
 * form that does not overflow: PyTorch's `binary_cross_entropy_with_logits`.
 *
 * @param input logits, of any shape.
 * @param target of the same shape and precision: 0, 1, or a probability.
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BCEWithLogitsOptions = {},
): Tensor {
  const owner = 'binaryCrossEntropyWithLogits';
  checkLoss(owner, options, logitsKeys);
  const { weight, posWeight } = options;
  if (isPlain(options) && weight === undefined && posWeight === undefined) {
    return apply(means.logisticLoss, [input, target]);
  }
  const losses = apply(logisticError, posWeight === undefined ? [input, target] : [input, target, posWeight]);
  return reduced(owner, rescaled(owner, losses, weight), options);
}

/** Options of {@link klDiv}. */
export interface KLDivOptions {
  /** `batchmean` is the sum over the number of samples, which is the divergence; `mean` unless given. */
  readonly reduction?: Reduction | 'batchmean';
  /** Whether the target is a logarithm too; false unless given. */
  readonly logTarget?: boolean;
  /** As of the other losses: {@link LossOptions}. */
  readonly sampleWeight?: Tensor;
}

const divergenceKeys = new KnownKeys([...lossKeys, 'logTarget']);

/** Whether the target of {@link klDiv} is a logarithm, all options checked. */
export function checkKLDiv(owner: string, options: KLDivOptions): boolean {
  divergenceKeys.check(owner, options);
  oneOf(owner, 'reduction', options.reduction ?? 'mean', [...reductions, 'batchmean']);
  return flag(owner, 'logTarget', options.logTarget ?? false);
}

/**
 * `target`·(ln `target` − `input`) of each element, the input being a logarithm: PyTorch's `kl_div`. Its `mean`
 * is over all elements.
 *
 * @param input logarithms of probabilities, [samples, …].
 * @param target probabilities of the same shape and precision, or with `logTarget` their logarithms.
 */
export function klDiv(input: Tensor, target: Tensor, options: KLDivOptions = {}): Tensor {
  const owner = 'klDiv';
  const log = Number(checkKLDiv(owner, options));
  const { reduction = 'mean', sampleWeight } = options;
  const losses = apply(divergence, [input, target], [log]);
  if (reduction !== 'batchmean') return reduced(owner, losses, { reduction, sampleWeight });
  const { loss, weight } = weighted(owner, losses, sampleWeight);
  if (weight === undefined) return loss.sum().div(loss.shape[0] ?? 1);
  return loss.sum().div(weight.sum().mul((loss.shape[0] ?? 1) / weight.size));
}
