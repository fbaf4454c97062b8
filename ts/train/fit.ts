import { setImmediate as nextTurn } from 'node:timers/promises';
import { finite, KnownKeys, nonNegative, whole } from '../check.ts';
import type { Dataset } from '../data/index.ts';
import { ArgumentError } from '../errors.ts';
import type { Loss, Module } from '../nn/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { AbortError, type Epoch, type History } from './history.ts';
import { shareIt } from './job.ts';
import type { FitOptimizer } from './learner.ts';
import { Run, type Schedule } from './run.ts';

/** When a run ends before its last epoch, with the best weights in the model. */
export interface EarlyStopping {
  /** Epochs without a better loss after which it ends, at least 1. */
  readonly patience: number;
  /** What the loss must be lower by to be better; 0 unless given. */
  readonly minDelta?: number;
}

/** What {@link fit} and {@link fitMany} train on, and how. */
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
  readonly clipGradNorm?: number;
  /** Where the order of the samples comes from; 0 unless given. */
  readonly seed?: number;
  /** Whether the samples are shuffled anew in each epoch; true unless given. */
  readonly shuffle?: boolean;
  /**
   * Set options of groups (`group.lr = …`, `group.penalty.l1 = …`) before each step, whose number from
   * 1 they are given. They are asked ahead of time, so they must depend on the number alone.
   */
  readonly schedules?: readonly Schedule[];
  /** Heard between steps. */
  readonly signal?: AbortSignal;
}

/** What {@link fit} trains on, and how. */
export interface FitOptions extends CommonFitOptions {
  readonly optimizer: FitOptimizer;
  /** Ends the run when the validation loss (the training loss without a validation part) gets no better. */
  readonly earlyStopping?: EarlyStopping;
  /** Called after each epoch. */
  readonly onProgress?: (epoch: Epoch) => void;
}

/** What {@link fitMany} trains on, and how. */
export interface FitManyOptions extends CommonFitOptions {
  /** One for each model, in their order. */
  readonly optimizers: readonly FitOptimizer[];
}

const common = [
  'train',
  'validation',
  'loss',
  'epochs',
  'batchSize',
  'accumulate',
  'clipGradNorm',
  'seed',
  'shuffle',
  'schedules',
  'signal',
];
const known = new KnownKeys([...common, 'optimizer', 'earlyStopping', 'onProgress']);
const knownMany = new KnownKeys([...common, 'optimizers']);
const stoppingKeys = new KnownKeys(['patience', 'minDelta']);

/**
 * Trains a model and returns its history, an entry per epoch. The steps run on a thread of their own,
 * captured as `compile` captures them: the event loop stays free, and the results are those of the
 * loop written by hand, bit for bit. The first two steps run on the calling thread.
 *
 * With `onProgress` or `earlyStopping` the run waits after each epoch, so options of groups that are
 * changed then hold from the next one on; without them they are read some hundred epochs at a time.
 *
 * @throws {AbortError} with the history so far, when `signal` is aborted; the weights are those
 *   of the last whole step.
 * @throws {ArgumentError} `ERR_TYPE` if parameters do not lie in shared memory.
 * @throws {RidgelineError} `ERR_NONFINITE` when the loss is not finite, before the step that it would make.
 * @example
 * const history = await fit(model, { train, validation, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 20, batchSize: 32 });
 * history.at(-1).validation.total;
 */
export async function fit(model: Module, options: FitOptions): Promise<History> {
  known.check('fit', options);
  const { optimizer, onProgress, earlyStopping } = options;
  const stopping = earlyStopping === undefined ? undefined : new Stopping(earlyStopping, optimizer);
  const run = start('fit', [{ model, optimizer }], options);
  const history = run.histories[0]!;
  const oneByOne = onProgress !== undefined || stopping !== undefined;
  await epochs(run, options, oneByOne, (epoch) => {
    onProgress?.(epoch);
    return stopping?.ends(epoch, history) ?? false;
  });
  if (stopping !== undefined) history.best?.restore();
  return history;
}

/**
 * Trains models of their own optimizers on the same batches, in one native run, and returns their
 * histories: seeds, strengths or learning rates side by side. Each has the bits of its own {@link fit}.
 *
 * @example
 * const histories = await fitMany(models, { optimizers, train, loss, epochs: 20, batchSize: 32 });
 */
export async function fitMany(models: readonly Module[], options: FitManyOptions): Promise<History[]> {
  knownMany.check('fitMany', options);
  const { optimizers } = options;
  if (!Array.isArray(models) || models.length === 0) {
    throw new ArgumentError('ERR_TYPE', 'fitMany', 'models', 'a list of models, not empty', models);
  }
  if (!Array.isArray(optimizers) || optimizers.length !== models.length) {
    const expected = `a list of ${models.length}, one for each model`;
    throw new ArgumentError('ERR_TYPE', 'fitMany', 'optimizers', expected, optimizers);
  }
  const learners = models.map((model: Module, i) => ({ model, optimizer: optimizers[i] as FitOptimizer }));
  const run = start('fitMany', learners, options);
  await epochs(run, options, false, () => false);
  return [...run.histories];
}

interface Pair {
  readonly model: Module;
  readonly optimizer: FitOptimizer;
}

function start(owner: string, pairs: readonly Pair[], options: CommonFitOptions): Run {
  const { train, validation, loss, clipGradNorm, accumulate = 1 } = options;
  whole(owner, 'epochs', options.epochs, 1);
  whole(owner, 'batchSize', options.batchSize, 1);
  whole(owner, 'accumulate', accumulate, 1);
  if (clipGradNorm !== undefined) nonNegative(owner, 'clipGradNorm', clipGradNorm);
  for (const group of pairs.flatMap(({ optimizer }) => optimizer.paramGroups)) {
    if (group.params.every(({ array }) => array.buffer instanceof SharedArrayBuffer)) continue;
    const got = 'parameters in plain arrays';
    throw new ArgumentError('ERR_TYPE', owner, 'model', 'in shared memory', got, shareIt);
  }
  const { batchSize, seed = 0, shuffle = true, schedules = [] } = options;
  return new Run(
    pairs.map((pair) => ({ ...pair, loss, clipGradNorm })),
    { train, validation, batchSize, accumulate, seed, shuffle, schedules },
  );
}

/** Runs all epochs, or until `after` one says that it was the last. */
async function epochs(
  run: Run,
  { epochs: count, signal }: CommonFitOptions,
  oneByOne: boolean,
  after: (epoch: Epoch) => boolean,
): Promise<void> {
  const history = run.histories[0]!;
  const stop = (): void => run.stop();
  signal?.addEventListener('abort', stop);
  try {
    let ended = false;
    while (!ended && history.length < count) {
      if (signal?.aborted === true) throw new AbortError(history, signal.reason);
      const [done] = await run.epochs(oneByOne ? 1 : run.most(count - history.length));
      for (const epoch of done!) ended = after(epoch) || ended;
      await nextTurn();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Looks out for the best epoch, and for the end. */
class Stopping {
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #params: readonly Tensor[];

  constructor(options: EarlyStopping, { paramGroups }: FitOptimizer) {
    stoppingKeys.check('fit', options, 'earlyStopping');
    const { patience, minDelta = 0 } = options;
    this.#patience = whole('fit', 'earlyStopping.patience', patience, 1);
    this.#minDelta = finite('fit', 'earlyStopping.minDelta', minDelta);
    this.#params = paramGroups.flatMap(({ params }) => params);
  }

  /** Whether the run has gone on long enough without a better epoch than its best. */
  ends({ epoch, train, validation }: Epoch, history: History): boolean {
    const loss = (validation ?? train).total;
    const { best } = history;
    if (best === undefined || loss < best.loss - this.#minDelta) {
      const kept = this.#params.map(({ array }) => array.slice());
      const restore = (): void =>
        this.#params.forEach((param, i) => {
          param.array.set(kept[i]!);
          param.changed();
        });
      history.best = { epoch, loss, restore };
      return false;
    }
    return epoch - best.epoch >= this.#patience;
  }
}
