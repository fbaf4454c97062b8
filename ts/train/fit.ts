import { setImmediate as nextTurn } from 'node:timers/promises';
import { KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Batch, type Dataset, Sampler } from '../data/index.ts';
import type { Loss, Module } from '../nn/index.ts';
import { ops } from '../native.ts';
import type { GroupOptions } from '../optim/group.ts';
import type { Optimizer } from '../optim/index.ts';
import { Generator } from '../random.ts';
import { allocateShared } from '../tensor/memory.ts';
import { measure } from './evaluate.ts';
import { AbortError, type Epoch, type Score } from './history.ts';
import { Job, shareIt } from './job.ts';
import { Meter, METER } from './meter.ts';

/** What {@link fit} trains on, and how. */
export interface FitOptions {
  readonly train: Dataset;
  /** Scored after each epoch. */
  readonly validation?: Dataset;
  readonly loss: Loss;
  readonly optimizer: Pick<Optimizer<GroupOptions>, 'paramGroups' | 'step' | 'zeroGrad' | 'totals'>;
  /** Passes over the training part, at least 1. */
  readonly epochs: number;
  /** Samples of a step, at least 1. */
  readonly batchSize: number;
  /** Where the order of the samples comes from; 0 unless given. */
  readonly seed?: number;
  /** Whether the samples are shuffled anew in each epoch; true unless given. */
  readonly shuffle?: boolean;
  /** Called after each epoch. */
  readonly onProgress?: (epoch: Epoch) => void;
  /** Heard between steps. */
  readonly signal?: AbortSignal;
}

const known = new KnownKeys([
  'train',
  'validation',
  'loss',
  'optimizer',
  'epochs',
  'batchSize',
  'seed',
  'shuffle',
  'onProgress',
  'signal',
]);

/** Figures of an epoch: sums of training, what the last update saw, sums of validation. */
const TRAIN = METER;
const TOTALS = 6;
const WIDTH = TRAIN + TOTALS + METER;

/** Most epochs that native code runs before JS looks at them. */
const MAX_ROUNDS = 256;

/**
 * Trains a model and returns its history, an entry per epoch. The steps run on a thread of their own,
 * captured as `compile` captures them: the event loop stays free, and the results are those of the
 * loop written by hand, bit for bit. The first two steps run on the calling thread.
 *
 * With `onProgress` the run waits for it after each epoch, so options of groups that it changes hold
 * from the next one on; without it they are read some hundred epochs at a time.
 *
 * @throws {AbortError} with the history so far, when `signal` is aborted; the weights are those
 *   of the last whole step.
 * @throws {ArgumentError} `ERR_TYPE` if parameters do not lie in shared memory.
 * @example
 * const history = await fit(model, { train, validation, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 20, batchSize: 32 });
 * history.at(-1).validation.total;
 */
export async function fit(model: Module, options: FitOptions): Promise<Epoch[]> {
  known.check('fit', options);
  const epochs = whole('fit', 'epochs', options.epochs, 1);
  const run = new Run(model, options);
  const { signal, onProgress } = options;
  const stop = (): void => run.job.stop();
  signal?.addEventListener('abort', stop);
  try {
    while (run.history.length < epochs) {
      if (signal?.aborted === true) throw new AbortError(run.history, signal.reason);
      const rounds = onProgress === undefined ? Math.min(epochs - run.history.length, MAX_ROUNDS) : 1;
      for (const epoch of await run.rounds(rounds)) onProgress?.(epoch);
      await nextTurn();
    }
    return run.history;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** One call of {@link fit}. */
class Run {
  readonly history: Epoch[] = [];
  readonly job: Job;
  readonly #options: FitOptions;
  readonly #figures = allocateShared('float64', WIDTH) as Float64Array;
  readonly #train = new Meter(this.#figures.subarray(0, TRAIN));
  readonly #totals = this.#figures.subarray(TRAIN, TRAIN + TOTALS);
  readonly #validation = new Meter(this.#figures.subarray(TRAIN + TOTALS));
  readonly #row = allocateShared('float64', 1) as Float64Array;
  readonly #log = allocateShared('float64', MAX_ROUNDS * WIDTH) as Float64Array;

  constructor(model: Module, options: FitOptions) {
    this.#options = options;
    const { train, batchSize, shuffle = true } = options;
    whole('fit', 'batchSize', batchSize, 1);
    for (const { params } of options.optimizer.paramGroups) {
      if (params.every(({ array }) => array.buffer instanceof SharedArrayBuffer)) continue;
      throw new ArgumentError(
        'ERR_TYPE',
        'fit',
        'model',
        'in shared memory',
        'parameters in plain arrays',
        shareIt,
      );
    }
    const sampler = new Sampler(train, shuffle ? new Generator(options.seed ?? 0) : undefined);
    const rest = train.length % batchSize;
    const step = (size: number) => (): void => this.#step(model, sampler.next(size), size);
    this.job = new Job([
      { body: () => this.#start(sampler), times: 1 },
      { body: step(batchSize), times: Math.floor(train.length / batchSize) },
      { body: step(rest), times: rest === 0 ? 0 : 1 },
      { body: () => this.#end(model), times: 1 },
    ]);
    model.train();
  }

  /** Runs so many epochs, or until the job is stopped, and returns those that are whole. */
  async rounds(count: number): Promise<Epoch[]> {
    this.#row[0] = 0;
    await this.job.run(count);
    const epochs: Epoch[] = [];
    for (let row = 0; row < this.#row[0]; row++) {
      const epoch = this.#epoch(this.#log.subarray(row * WIDTH, (row + 1) * WIDTH));
      epochs.push(epoch);
      this.history.push(epoch);
    }
    return epochs;
  }

  #start(sampler: Sampler): void {
    sampler.start();
    this.#train.clear();
  }

  #step(model: Module, { x, y }: Batch, size: number): void {
    const { loss, optimizer } = this.#options;
    const output = model.forward(x);
    const value = loss.forward(output, y);
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    optimizer.totals(this.#totals);
    this.#train.add(size, value, output, y);
    this.#train.addPenalty(size, this.#totals.subarray(0, 1));
  }

  #end(model: Module): void {
    const { validation, loss, optimizer } = this.#options;
    this.#validation.clear();
    if (validation !== undefined) {
      measure(model, validation, loss, this.#validation);
      this.#validation.addPenalties(optimizer.paramGroups);
    }
    ops['log_row']!(this.#figures, this.#row, this.#log, WIDTH, MAX_ROUNDS);
  }

  #epoch(row: Float64Array): Epoch {
    const { train, validation } = this.#options;
    const [, , , weightSquares, zeros] = row.subarray(TRAIN);
    return {
      epoch: this.history.length + 1,
      train: this.#train.score(train.length, train.length, [...row.subarray(0, TRAIN)]),
      ...(validation !== undefined && {
        validation: this.#validated(validation.length, row.subarray(TRAIN + TOTALS)),
      }),
      zeros: zeros!,
      weightNorm: Math.sqrt(weightSquares!),
    };
  }

  /** The score of the validation part, whose loss is a mean already. */
  #validated(samples: number, [data, penalty, correct]: Float64Array): Score {
    return this.#validation.score(1, 1, [data!, penalty!, correct! / samples]);
  }
}
