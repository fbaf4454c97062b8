import { flag, KnownKeys, positive, probability, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';

import { channelAffine, countUp, normalize, runningAverage, standardize } from '../tensor/ops/normalize.ts';
import { sameShape, type Shape, showShape, sizeOf } from '../tensor/shape.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { ownData } from '../tensor/value.ts';

/** Options of {@link layerNorm} and {@link rmsNorm}. */
export interface LayerNormOptions {
  /** What is multiplied with each normalized element, of the normalized shape; nothing unless given. */
  readonly weight?: Tensor | null | undefined;
  /** What is added to it then; nothing unless given. */
  readonly bias?: Tensor | null | undefined;
  /** Added to the variance; 1e-5 unless given (of {@link rmsNorm} the precision's epsilon). */
  readonly eps?: number | undefined;
}

const layerKeys = new KnownKeys(['weight', 'bias', 'eps']);
const rmsKeys = new KnownKeys(['weight', 'eps']);

/** Throws unless the last axes of `x` have this shape, and returns where they begin. */
function lastAxes(owner: string, x: Tensor, shape: Shape): number {
  const from = x.shape.length - shape.length;
  if (shape.length > 0 && from >= 0 && sameShape(x.shape.slice(from), shape)) return from;
  const expected = `of a shape that ends with ${showShape(shape)}`;
  throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x.shape));
}

/** Throws unless a weight or a bias has this shape and the precision of `x`. */
function checkParameter(owner: string, name: string, x: Tensor, parameter: Tensor, shape: Shape): void {
  if (!sameShape(parameter.shape, shape)) {
    throw new ArgumentError(
      'ERR_SHAPE',
      owner,
      name,
      `of shape ${showShape(shape)}`,
      showShape(parameter.shape),
    );
  }
  if (parameter.dtype === x.dtype) return;
  throw new ArgumentError('ERR_TYPE', owner, name, `of ${x.dtype} as \`x\` is`, parameter.dtype);
}

/** weight·x + bias, each of a channel, where they are given. */
function scaled(
  owner: string,
  x: Tensor,
  [from, to]: readonly [number, number],
  shape: Shape,
  {
    weight,
    bias,
  }: { readonly weight?: Tensor | null | undefined; readonly bias?: Tensor | null | undefined },
): Tensor {
  if (weight) checkParameter(owner, 'weight', x, weight, shape);
  if (bias) checkParameter(owner, 'bias', x, bias, shape);
  if (weight) return apply(channelAffine, [x, weight, ...(bias ? [bias] : [])], { from, to });
  return bias ? x.add(bias.reshape([...bias.shape, ...x.shape.slice(to).map(() => 1)])) : x;
}

/**
 * (x − mean)/√(variance + eps)·weight + bias, mean and variance over the last axes, of shape `normalizedShape`.
 *
 * @see Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450
 */
export function layerNorm(x: Tensor, normalizedShape: Shape, options: LayerNormOptions = {}): Tensor {
  layerKeys.check('layerNorm', options);
  const eps = positive('layerNorm', 'eps', options.eps ?? 1e-5);
  const from = lastAxes('layerNorm', x, normalizedShape);
  // All other axes are channels of the statistics.
  const y = apply(normalize, [x], { from: 0, to: from, eps, centered: true });
  return scaled('layerNorm', y, [from, x.shape.length], normalizedShape, options);
}

/**
 * x/√(mean of x² + eps)·weight, the mean over the last axes, of shape `normalizedShape`.
 *
 * @see Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: Shape,
  options: Omit<LayerNormOptions, 'bias'> = {},
): Tensor {
  rmsKeys.check('rmsNorm', options);
  const eps = positive('rmsNorm', 'eps', options.eps ?? epsilonOf(x));
  const from = lastAxes('rmsNorm', x, normalizedShape);
  const y = apply(normalize, [x], { from: 0, to: from, eps, centered: false });
  return scaled('rmsNorm', y, [from, x.shape.length], normalizedShape, options);
}

function epsilonOf({ dtype }: { readonly dtype: Tensor['dtype'] }): number {
  return dtype === 'float64' ? 2 ** -52 : 2 ** -23;
}

/** What {@link batchNorm} keeps from batch to batch. */
export interface RunningStatistics {
  /** [channels]. */
  readonly mean: Tensor;
  /** [channels]. */
  readonly variance: Tensor;
  /** int32, of one element: batches so far. */
  readonly batches?: Tensor;
}

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** [channels]; nothing unless given. */
  readonly weight?: Tensor | null | undefined;
  /** [channels]; nothing unless given. */
  readonly bias?: Tensor | null | undefined;
  /** What is updated in training and used in evaluation; without it the batch's own are used always. */
  readonly running?: RunningStatistics | undefined;
  /** Whether the batch's own statistics are used, and the running ones updated; true unless given. */
  readonly training?: boolean | undefined;
  /** The share of a batch in the running statistics; 0.1 unless given. */
  readonly momentum?: number | undefined;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number | undefined;
}

const batchKeys = new KnownKeys(['weight', 'bias', 'running', 'training', 'momentum', 'eps']);

/**
 * (x − mean)/√(variance + eps)·weight + bias of each channel; the running variance is that of a sample, with n − 1.
 *
 * @param x [samples, channels, …].
 * @see Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const owner = 'batchNorm';
  batchKeys.check(owner, options);
  const { running, training, momentum, eps } = { ...batchDefaults, ...defined(options) };
  flag(owner, 'training', training);
  probability(owner, 'momentum', momentum);
  positive(owner, 'eps', eps);
  const { shape, count } = channelsOf(owner, x, running);
  if (!training && running !== undefined) {
    const y = apply(standardize, [x, running.mean, running.variance], { from: 1, to: 2, eps });
    return scaled(owner, y, [1, 2], shape, options);
  }
  if (training && count < 2) {
    const fix = 'One element has no variance: use a larger batch, or evaluation mode.';
    throw new ArgumentError(
      'ERR_SHAPE',
      owner,
      'x',
      'of at least 2 elements a channel',
      showShape(x.shape),
      fix,
    );
  }
  const seen = running && { seen: updater(owner, running, momentum, count) };
  const y = apply(normalize, [x], { from: 1, to: 2, eps, centered: true, ...seen });
  return scaled(owner, y, [1, 2], shape, options);
}

const batchDefaults = { training: true, momentum: 0.1, eps: 1e-5 };

/** The options that are given: a layer passes those on that it was not given either. */
function defined(options: BatchNormOptions): {
  readonly running?: RunningStatistics;
  readonly training?: boolean;
  readonly momentum?: number;
  readonly eps?: number;
} {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The shape of what there is one of a channel, and how many elements a channel has. */
function channelsOf(
  owner: string,
  x: Tensor,
  running: RunningStatistics | undefined,
): { readonly shape: Shape; readonly count: number } {
  const [samples, channels, ...rest] = x.shape;
  if (samples === undefined || channels === undefined) {
    throw new ArgumentError('ERR_SHAPE', owner, 'x', 'of shape [samples, channels, …]', showShape(x.shape));
  }
  const shape = [channels];
  if (running !== undefined) {
    checkParameter(owner, 'running.mean', x, running.mean, shape);
    checkParameter(owner, 'running.variance', x, running.variance, shape);
  }
  return { shape, count: samples * sizeOf(rest) };
}

/** Takes a batch into the running statistics. */
function updater(
  owner: string,
  { mean, variance, batches }: RunningStatistics,
  momentum: number,
  count: number,
): (batchMean: Float32Array | Float64Array, batchVariance: Float32Array | Float64Array) => void {
  return (batchMean, batchVariance) => {
    runningAverage(ownData(owner, 'running.mean', mean), batchMean, momentum, 1);
    const own = ownData(owner, 'running.variance', variance);
    runningAverage(own, batchVariance, momentum, count / (count - 1));
    if (batches?.array instanceof Int32Array) countUp(batches.array);
    for (const tensor of [mean, variance]) tensor.changed();
  };
}

/** Options of {@link groupNorm} and {@link instanceNorm}. */
export interface GroupNormOptions {
  /** [channels]; nothing unless given. */
  readonly weight?: Tensor | null | undefined;
  /** [channels]; nothing unless given. */
  readonly bias?: Tensor | null | undefined;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number | undefined;
}

const groupKeys = new KnownKeys(['weight', 'bias', 'eps']);

/**
 * (x − mean)/√(variance + eps)·weight + bias, mean and variance of each sample over groups of channels.
 *
 * @param x [samples, channels, …].
 * @param groups what the channels are cut into: a divisor of their number.
 * @see Wu & He 2018, https://arxiv.org/abs/1803.08494
 */
export function groupNorm(x: Tensor, groups: number, options: GroupNormOptions = {}): Tensor {
  return inGroups('groupNorm', x, groups, options);
}

/**
 * (x − mean)/√(variance + eps)·weight + bias, mean and variance of each channel of each sample.
 *
 * @param x [samples, channels, …].
 * @see Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022
 */
export function instanceNorm(x: Tensor, options: GroupNormOptions = {}): Tensor {
  return inGroups('instanceNorm', x, x.shape[1] ?? 1, options);
}

function inGroups(owner: string, x: Tensor, groups: number, options: GroupNormOptions): Tensor {
  groupKeys.check(owner, options);
  const eps = positive(owner, 'eps', options.eps ?? 1e-5);
  whole(owner, 'groups', groups, 1);
  const [samples, channels] = x.shape;
  if (samples === undefined || channels === undefined || channels % groups !== 0) {
    const expected = `of shape [samples, channels, …], the channels a multiple of ${groups}`;
    throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x.shape));
  }
  const grouped = x.reshape([samples * groups, -1]);
  const y = apply(normalize, [grouped], { from: 0, to: 1, eps, centered: true });
  return scaled(owner, y.reshape(x.shape), [1, 2], [channels], options);
}
