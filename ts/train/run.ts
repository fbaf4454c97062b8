import type { Batch, Dataset } from '../data/index.ts';
import { Sampler } from '../data/sampler.ts';
import { RidgelineError } from '../errors.ts';
import { ops } from '../native.ts';
import { Generator } from '../random.ts';
import { allocateShared } from '../tensor/memory.ts';
import { type Epoch, History } from './history.ts';
import { Job, type Repeated } from './job.ts';
import { Learner, type LearnerOptions, WIDTH } from './learner.ts';

/** Sets options of groups before step `step`, from 1: what a schedule does. */
export type Schedule = (step: number) => void;

/** How a run walks through its samples. */
export interface RunOptions {
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly schedules: readonly Schedule[];
}

/** Most epochs that native code runs before JS looks at them, and about as many steps of schedules. */
const MAX_ROUNDS = 256;
const MAX_SCHEDULED = 8192;

const shared = (length: number): Float64Array => allocateShared('float64', length) as Float64Array;

/** Models that are trained on the same batches, in one job. */
export class Run {
  /** The history of each model. */
  readonly histories: readonly History[];
  readonly #options: RunOptions;
  readonly #learners: readonly Learner[];
  readonly #job: Job;
  readonly #sampler: Sampler;
  readonly #figures: Float64Array;
  readonly #row = shared(1);
  readonly #log: Float64Array;
  /** Batches of each step of an epoch. */
  readonly #steps: readonly (readonly number[])[];
  /** Options of all groups, step by step, of each model; and the step that native code is at. */
  readonly #tables: readonly Float64Array[];
  readonly #cursors: readonly Float64Array[];
  /** Steps before the epochs that run now. */
  #before = 0;

  constructor(learners: readonly LearnerOptions[], options: RunOptions) {
    this.#options = options;
    const width = WIDTH * learners.length;
    this.#figures = shared(width);
    this.#log = shared(MAX_ROUNDS * width);
    this.#learners = learners.map(
      (learner, i) => new Learner(learner, this.#figures.subarray(i * WIDTH, (i + 1) * WIDTH)),
    );
    this.histories = learners.map(() => new History());
    const { train, seed, shuffle, schedules } = options;
    this.#sampler = new Sampler(train, shuffle ? new Generator(seed) : undefined);
    this.#steps = stepsOf(train.length, options.batchSize, options.accumulate);
    const rows = schedules.length === 0 ? 0 : Math.max(MAX_SCHEDULED, this.#steps.length);
    this.#cursors = learners.map(() => shared(1));
    this.#tables = learners.map(({ optimizer }) => shared(rows * optimizer.options.length));
    // Steps of the same batches are one part: all but the last are alike.
    const alike = this.#steps.filter((sizes) => sizes.join() === this.#steps[0]!.join()).length;
    const part = (sizes: readonly number[], times: number): Repeated => ({
      here: () => this.#schedule(this.#before + this.#cursors[0]![0]! + 1),
      body: () => this.#step(sizes),
      times,
    });
    this.#job = new Job([
      { body: () => this.#start(), times: 1 },
      part(this.#steps[0] ?? [], alike),
      part(this.#steps.at(-1) ?? [], this.#steps.length - alike),
      { body: () => this.#end(), times: 1 },
    ]);
    for (const { model } of learners) model.train();
  }

  /** Asks the run to stop after the step that it is at. */
  stop(): void {
    this.#job.stop();
  }

  /** How many epochs of `wanted` native code can run on its own. */
  most(wanted: number): number {
    if (this.#options.schedules.length === 0) return Math.min(wanted, MAX_ROUNDS);
    return Math.max(1, Math.min(wanted, MAX_ROUNDS, Math.floor(MAX_SCHEDULED / this.#steps.length)));
  }

  /** Runs so many epochs, or until it is stopped, and returns those that are whole, of each model. */
  async epochs(count: number): Promise<readonly (readonly Epoch[])[]> {
    this.#before = this.histories[0]!.length * this.#steps.length;
    this.#row[0] = 0;
    this.#fillTables(count);
    try {
      await this.#job.run(count);
    } catch (error) {
      throw this.#explained(error);
    }
    const epochs = this.histories.map((history, i) => this.#read(history, this.#learners[i]!, i));
    this.#schedule(this.#before + epochs[0]!.length * this.#steps.length);
    return epochs;
  }

  #read(history: History, learner: Learner, i: number): Epoch[] {
    const { train, validation } = this.#options;
    const width = this.#figures.length;
    const epochs: Epoch[] = [];
    for (let row = 0; row < this.#row[0]!; row++) {
      const start = row * width + i * WIDTH;
      const figures = this.#log.subarray(start, start + WIDTH);
      const epoch = learner.epoch(history.length + 1, figures, [train.length, validation?.length]);
      history.push(epoch);
      epochs.push(epoch);
    }
    return epochs;
  }

  #schedule(step: number): void {
    for (const schedule of this.#options.schedules) schedule(step);
  }

  /** Lets the schedules say the options of every step to come, where native code takes them from. */
  #fillTables(epochs: number): void {
    if (this.#options.schedules.length === 0) return;
    for (const cursor of this.#cursors) cursor[0] = 0;
    for (let row = 0; row < epochs * this.#steps.length; row++) {
      this.#schedule(this.#before + row + 1);
      this.#learners.forEach(({ options: { optimizer } }, i) => {
        optimizer.writeOptions();
        this.#tables[i]!.set(optimizer.options, row * optimizer.options.length);
      });
    }
  }

  #start(): void {
    this.#sampler.start();
    for (const learner of this.#learners) learner.start();
  }

  #step(sizes: readonly number[]): void {
    const batches: Batch[] = sizes.map((size) => this.#sampler.next(size));
    const scheduled = this.#options.schedules.length > 0;
    this.#learners.forEach((learner, i) => {
      const { options } = learner.options.optimizer;
      const table = this.#tables[i]!;
      if (scheduled)
        ops['next_row']!(table, this.#cursors[i]!, options, table.length / options.length, options.length);
      learner.step(batches);
    });
  }

  #end(): void {
    for (const learner of this.#learners) learner.end(this.#options.validation);
    ops['log_row']!(this.#figures, this.#row, this.#log, this.#figures.length, MAX_ROUNDS);
  }

  /** What stopped a run, with the place where it happened. */
  #explained(error: unknown): unknown {
    if (!(error instanceof RidgelineError) || error.code !== 'ERR_NONFINITE') return error;
    const bad = this.#learners.flatMap(({ options: { model } }) =>
      model.describeParameters().filter(({ parameter }) => !parameter.array.every(Number.isFinite)),
    );
    const epoch = this.histories[0]!.length + this.#row[0]! + 1;
    const where = bad.length === 0 ? 'All weights are still finite' : `${bad[0]!.name} is not finite`;
    return new RidgelineError(
      'ERR_NONFINITE',
      `fit: the loss is no finite number any more, in epoch ${epoch}. ${where}; they are those before this step. ` +
        'A smaller learning rate, or clipGradNorm, may help.',
      { cause: error },
    );
  }
}

/** The batch sizes of each step of an epoch: as many batches as are accumulated, fewer at the end. */
function stepsOf(samples: number, batchSize: number, accumulate: number): number[][] {
  const steps: number[][] = [];
  for (let start = 0; start < samples; start += batchSize) {
    const size = Math.min(batchSize, samples - start);
    const last = steps.at(-1);
    if (last === undefined || last.length === accumulate) steps.push([size]);
    else last.push(size);
  }
  return steps;
}
