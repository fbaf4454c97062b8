import { KnownKeys, nonNegative, oneOf, whole } from '../check.ts';
import type { Dataset } from '../data/index.ts';
import { ArgumentError } from '../errors.ts';
import { chosenMetrics, type MetricChoice } from '../metrics/choice.ts';
import { checkValues } from '../metrics/classes.ts';
import type { Metric } from '../metrics/metric.ts';
import type { Loss, Module } from '../nn/index.ts';
import { checkAverage } from '../optim/averaged-model.ts';
import { checkClipNorm } from '../optim/clip.ts';
import type { Epoch } from './epoch.ts';
import { shareIt } from './job.ts';
import type { Clipping, FitAverage, FitClipNorm, FitOptimizer } from './learner.ts';
import { Run } from './run.ts';
import type { Schedule } from './schedules.ts';
import type { EarlyStopping } from './stopping.ts';

/** What `fit` and `fitMany` train on, and how. */
export interface CommonFitOptions {
  readonly train: Dataset;
  /** Scored after each epoch. */
  readonly validation?: Dataset;
  readonly loss: Loss;
  /** Passes over the training part, at least 1. */
  readonly epochs: number;
  /** Samples of a batch, at least 1. */
  readonly batchSize: number;
  /** Batches whose mean gradient makes a step; 1 unless given. */
  readonly accumulate?: number;
  /** Gradients of all parameters together are clipped to this norm; not clipped unless given. */
  readonly clipGradNorm?: number | FitClipNorm;
  /** Every element of a gradient is brought within ± this, instead of `clipGradNorm`; not unless given. */
  readonly clipGradValue?: number;
  /** Where the order of the samples comes from; 0 unless given. */
  readonly seed?: number;
  /** Whether the samples are shuffled anew in each epoch; true unless given. */
  readonly shuffle?: boolean;
  /**
   * Set options of groups (`group.lr = …`, `group.penalty.l1 = …`) before each step, whose number from
   * 1 they are given. They are asked ahead of time, so they must depend on the number alone.
   */
  readonly schedules?: readonly Schedule[];
  /**
   * What to measure beside the loss, and beside the accuracy of classes, which comes by itself. Each is
   * reported of the validation part after each epoch; those that are means over samples (`accuracy`,
   * `logLoss`, `mae`) of the training part as well, over its batches, each before its step. The others
   * need a validation part.
   */
  readonly metrics?: readonly MetricChoice[];
  /**
   * Averages the weights over the run; the validation part is then scored with the averages. They are in
   * the history: `history.average.swap()` puts them into the model. Not averaged unless given.
   */
  readonly average?: FitAverage;
  /**
   * What becomes of a step whose loss or gradient is not finite: it stops the run, or it is skipped, with
   * weights, state and the count of steps as they were. `stop` unless given.
   */
  readonly nonFinite?: 'stop' | 'skip';
  /** Heard between steps. */
  readonly signal?: AbortSignal;
}

/** What `fit` trains on, and how. */
export interface FitOptions extends CommonFitOptions {
  readonly optimizer: FitOptimizer;
  /** Ends the run when the validation loss (the training loss without a validation part) gets no better. */
  readonly earlyStopping?: EarlyStopping;
  /** Called after each epoch. */
  readonly onProgress?: (epoch: Epoch) => void;
}

/** What `fitMany` trains on, and how. */
export interface FitManyOptions extends CommonFitOptions {
  /** One for each model, in their order. */
  readonly optimizers: readonly FitOptimizer[];
}

/** A model and its optimizer. */
interface Pair {
  readonly model: Module;
  readonly optimizer: FitOptimizer;
}

const common = [
  'train',
  'validation',
  'loss',
  'epochs',
  'batchSize',
  'accumulate',
  'clipGradNorm',
  'clipGradValue',
  'seed',
  'shuffle',
  'schedules',
  'metrics',
  'average',
  'nonFinite',
  'signal',
];
const known = new KnownKeys([...common, 'optimizer', 'earlyStopping', 'onProgress']);
const knownMany = new KnownKeys([...common, 'optimizers']);

/** The run that these options of `fit` describe, all of them checked. */
export function runOf(model: Module, options: FitOptions): Run {
  known.check('fit', options);
  return start('fit', [{ model, optimizer: options.optimizer }], options);
}

/** The run that these options of `fitMany` describe, all of them checked. */
export function runOfMany(models: readonly Module[], options: FitManyOptions): Run {
  knownMany.check('fitMany', options);
  const { optimizers } = options;
  if (!Array.isArray(models) || models.length === 0) {
    throw new ArgumentError('ERR_TYPE', 'fitMany', 'models', 'a list of models, not empty', models);
  }
  if (!Array.isArray(optimizers) || optimizers.length !== models.length) {
    const expected = `a list of ${models.length}, one for each model`;
    throw new ArgumentError('ERR_TYPE', 'fitMany', 'optimizers', expected, optimizers);
  }
  const pairs = models.map((model: Module, i) => ({ model, optimizer: optimizers[i] as FitOptimizer }));
  return start('fitMany', pairs, options);
}

function start(owner: string, pairs: readonly Pair[], options: CommonFitOptions): Run {
  const { train, validation, loss, accumulate = 1, average } = options;
  whole(owner, 'epochs', options.epochs, 1);
  whole(owner, 'batchSize', options.batchSize, 1);
  whole(owner, 'accumulate', accumulate, 1);
  const clipping = clippingOf(owner, options);
  const nonFinite = oneOf(owner, 'nonFinite', options.nonFinite ?? 'stop', ['stop', 'skip']);
  if (average !== undefined) checkFitAverage(owner, average);
  const metrics = metricsOf(owner, options);
  for (const group of pairs.flatMap(({ optimizer }) => optimizer.paramGroups)) {
    if (group.params.every(({ array }) => array.buffer instanceof SharedArrayBuffer)) continue;
    const got = 'parameters in plain arrays';
    throw new ArgumentError('ERR_TYPE', owner, 'model', 'in shared memory', got, shareIt);
  }
  const { batchSize, seed = 0, shuffle = true, schedules = [] } = options;
  return new Run(
    owner,
    pairs.map((pair) => ({ ...pair, loss, clipping, nonFinite, metrics, average })),
    { train, validation, batchSize, accumulate, seed, shuffle, schedules },
  );
}

/** How gradients are clipped, checked. */
function clippingOf(
  owner: string,
  { clipGradNorm: norm, clipGradValue: value }: CommonFitOptions,
): Clipping | undefined {
  if (norm !== undefined && value !== undefined) {
    const fix = 'Take one of them: the other would clip what is clipped.';
    throw new ArgumentError('ERR_OPTION', owner, 'clipGradValue', 'left out beside clipGradNorm', value, fix);
  }
  if (value !== undefined) return { value: nonNegative(owner, 'clipGradValue', value) };
  if (norm === undefined) return undefined;
  if (typeof norm !== 'object' || norm === null) {
    return { maxNorm: nonNegative(owner, 'clipGradNorm', norm), options: {} };
  }
  const { maxNorm, ...rest } = norm;
  checkClipNorm(owner, maxNorm, rest, 'clipGradNorm.');
  return { maxNorm, options: rest };
}

function checkFitAverage(owner: string, average: FitAverage): void {
  if (typeof average !== 'object' || average === null) {
    throw new ArgumentError('ERR_TYPE', owner, 'average', 'an object', average);
  }
  const { every, ...options } = average;
  if (every !== undefined) oneOf(owner, 'average.every', every, ['step', 'epoch']);
  checkAverage(owner, options, 'average.');
}

/** The metrics, which there is data for. */
function metricsOf(owner: string, { metrics: choices = [], train, validation }: CommonFitOptions): Metric[] {
  const metrics = chosenMetrics(owner, choices);
  for (const { name, mean, classes } of metrics) {
    if (!mean && validation === undefined) {
      const expected = `given for the metric ${name}, which is no mean over batches`;
      throw new ArgumentError('ERR_OPTION', owner, 'validation', expected, undefined);
    }
    if (!classes) continue;
    if (mean) checkValues(owner, 'train.y', train.y);
    if (validation !== undefined) checkValues(owner, 'validation.y', validation.y);
  }
  return metrics;
}
