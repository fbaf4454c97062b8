import { flag, KnownKeys, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import { showShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Buffer } from './buffer.ts';
import { Module } from './module.ts';
import { batchNorm, groupNorm, instanceNorm, type RunningStatistics } from './normalize.ts';
import { Parameter } from './parameter.ts';

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** The share of a batch in the running statistics; 0.1 unless given. */
  readonly momentum?: number;
  /** Whether there are a weight and a bias, which start at 1 and 0; true unless given. */
  readonly affine?: boolean;
  /** Whether there are running statistics, for evaluation; true unless given. */
  readonly trackRunningStats?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
}

const batchKeys = new KnownKeys(['eps', 'momentum', 'affine', 'trackRunningStats', 'dtype']);

/** A weight of ones and a bias of zeros, one each a channel. */
function affineOf(channels: number, dtype: FloatDType): [weight: Parameter, bias: Parameter] {
  const weight = new Parameter('norm', [channels], dtype);
  weight.array.fill(1);
  return [weight, new Parameter('bias', [channels], dtype)];
}

abstract class BatchNorm<const N extends number = number> extends Module {
  readonly numFeatures: N;
  /** [numFeatures]. */
  readonly weight: Parameter | null = null;
  /** [numFeatures]. */
  readonly bias: Parameter | null = null;
  /** [numFeatures]. */
  readonly runningMean: Buffer | null = null;
  /** [numFeatures]. */
  readonly runningVar: Buffer | null = null;
  readonly numBatchesTracked: Buffer | null = null;
  readonly #options: { readonly eps?: number | undefined; readonly momentum?: number | undefined };

  constructor(owner: string, numFeatures: N, options: BatchNormLayerOptions) {
    super();
    batchKeys.check(owner, options);
    whole(owner, 'numFeatures', numFeatures, 1);
    const { eps, momentum, affine = true, trackRunningStats = true, dtype = 'float32' } = options;
    oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
    this.numFeatures = numFeatures;
    this.#options = { eps, momentum };
    if (flag(owner, 'affine', affine)) [this.weight, this.bias] = affineOf(numFeatures, dtype);
    if (!flag(owner, 'trackRunningStats', trackRunningStats)) return;
    this.runningMean = new Buffer([numFeatures], { dtype, key: 'running_mean' });
    this.runningVar = new Buffer([numFeatures], { dtype, value: 1, key: 'running_var' });
    this.numBatchesTracked = new Buffer([], { dtype: 'int32', key: 'num_batches_tracked' });
  }

  get #running(): RunningStatistics | undefined {
    const { runningMean: mean, runningVar: variance, numBatchesTracked: batches } = this;
    return mean === null || variance === null || batches === null ? undefined : { mean, variance, batches };
  }

  /** {@link batchNorm} of `x`, whose rank and channels were checked. */
  protected normalized(x: Tensor): Tensor {
    const { weight, bias, training } = this;
    return batchNorm(x, { ...this.#options, weight, bias, running: this.#running, training });
  }

  /** Throws unless `x` has one of these numbers of axes, and the channels of this layer. */
  protected check(owner: string, x: Tensor, ranks: readonly number[], expected: string): void {
    if (ranks.includes(x.shape.length) && x.shape[1] === this.numFeatures) return;
    throw new ArgumentError('ERR_SHAPE', owner, 'x', `of shape ${expected}`, showShape(x.shape));
  }
}

/** {@link batchNorm} of [samples, numFeatures] or [samples, numFeatures, length]. */
export class BatchNorm1d<const N extends number = number> extends BatchNorm<N> {
  readonly inFeatures: N;
  readonly outFeatures: N;

  constructor(numFeatures: N, options: BatchNormLayerOptions = {}) {
    super('nn.BatchNorm1d', numFeatures, options);
    this.inFeatures = numFeatures;
    this.outFeatures = numFeatures;
  }

  override forward(x: Tensor): Tensor {
    const { numFeatures: n } = this;
    this.check('nn.BatchNorm1d', x, [2, 3], `[samples, ${n}] or [samples, ${n}, length]`);
    return this.normalized(x);
  }
}

/** {@link batchNorm} of [samples, numFeatures, height, width]. */
export class BatchNorm2d<const N extends number = number> extends BatchNorm<N> {
  constructor(numFeatures: N, options: BatchNormLayerOptions = {}) {
    super('nn.BatchNorm2d', numFeatures, options);
  }

  override forward(x: Tensor): Tensor {
    this.check('nn.BatchNorm2d', x, [4], `[samples, ${this.numFeatures}, height, width]`);
    return this.normalized(x);
  }
}

/** Options of {@link GroupNorm} and {@link InstanceNorm2d}. */
export interface GroupNormLayerOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
  /** Whether there are a weight and a bias a channel, which start at 1 and 0. */
  readonly affine?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
}

const groupKeys = new KnownKeys(['eps', 'affine', 'dtype']);

/** {@link groupNorm} of [samples, numChannels, …], with a weight and a bias that are learned unless `affine` is false. */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  /** [numChannels]. */
  readonly weight: Parameter | null = null;
  /** [numChannels]. */
  readonly bias: Parameter | null = null;
  readonly #eps: number | undefined;

  constructor(numGroups: number, numChannels: number, options: GroupNormLayerOptions = {}) {
    super();
    groupKeys.check('nn.GroupNorm', options);
    whole('nn.GroupNorm', 'numGroups', numGroups, 1);
    whole('nn.GroupNorm', 'numChannels', numChannels, 1);
    if (numChannels % numGroups !== 0) {
      const expected = `a multiple of ${numGroups} groups`;
      throw new ArgumentError('ERR_OPTION', 'nn.GroupNorm', 'numChannels', expected, numChannels);
    }
    const { eps, affine = true, dtype = 'float32' } = options;
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.#eps = eps;
    if (flag('nn.GroupNorm', 'affine', affine)) [this.weight, this.bias] = affineOf(numChannels, dtype);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    return groupNorm(x, this.numGroups, { weight, bias, eps: this.#eps });
  }
}

/** {@link instanceNorm} of [samples, numFeatures, height, width]; a weight and a bias only with `affine`. */
export class InstanceNorm2d extends Module {
  readonly numFeatures: number;
  /** [numFeatures]. */
  readonly weight: Parameter | null = null;
  /** [numFeatures]. */
  readonly bias: Parameter | null = null;
  readonly #eps: number | undefined;

  constructor(numFeatures: number, options: GroupNormLayerOptions = {}) {
    super();
    groupKeys.check('nn.InstanceNorm2d', options);
    whole('nn.InstanceNorm2d', 'numFeatures', numFeatures, 1);
    const { eps, affine = false, dtype = 'float32' } = options;
    this.numFeatures = numFeatures;
    this.#eps = eps;
    if (flag('nn.InstanceNorm2d', 'affine', affine)) [this.weight, this.bias] = affineOf(numFeatures, dtype);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    return instanceNorm(x, { weight, bias, eps: this.#eps });
  }
}
