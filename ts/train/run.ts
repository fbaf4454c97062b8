import type { Batch, Dataset } from '../data/index.ts';
import { Sampler } from '../data/sampler.ts';
import { RidgelineError } from '../errors.ts';
import { ops } from '../native.ts';
import { Generator } from '../random.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Epoch } from './epoch.ts';
import { History } from './history.ts';
import { Job, type Repeated } from './job.ts';
import { Learner, type LearnerOptions, learnerWidth } from './learner.ts';
import { type Finding, findingOf, nonFiniteError } from './non-finite.ts';
import { replay } from './replay.ts';
import { type Schedule, Schedules } from './schedules.ts';

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

/** How far a run is, for each of its models. */
export interface RunProgress {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  readonly losses: readonly number[];
}

/** Most epochs that native code runs before JS looks at them. */
const MAX_ROUNDS = 256;

const shared = (length: number): Float64Array => allocateShared('float64', length) as Float64Array;
const one = Float64Array.of(1);

/** Models that are trained on the same batches, in one job. */
export class Run {
  /** The history of each model. */
  readonly histories: readonly History[];
  readonly #owner: string;
  readonly #options: RunOptions;
  readonly #learners: readonly Learner[];
  readonly #job: Job;
  readonly #sampler: Sampler;
  readonly #schedules: Schedules;
  readonly #figures: Float64Array;
  readonly #log: Float64Array;
  /** Rows of the log; epochs that were begun. */
  readonly #row = shared(1);
  readonly #begun = shared(1);
  /** Batches of each step of an epoch, and the samples up to its end. */
  readonly #steps: readonly (readonly number[])[];
  readonly #ends: readonly number[];
  /** Steps before the epochs that run now. */
  #before = 0;

  /**
   * @param owner whom errors name.
   * @param learners with the same metrics.
   */
  constructor(owner: string, learners: readonly LearnerOptions[], options: RunOptions) {
    this.#owner = owner;
    this.#options = options;
    const width = learnerWidth(learners[0]!.metrics);
    this.#figures = shared(width * learners.length);
    this.#log = shared(MAX_ROUNDS * this.#figures.length);
    this.#learners = learners.map(
      (learner, i) => new Learner(learner, this.#figures.subarray(i * width, (i + 1) * width)),
    );
    this.histories = this.#learners.map(({ average }) => Object.assign(new History(), { average }));
    const { train, seed, shuffle, schedules } = options;
    this.#sampler = new Sampler(train, shuffle ? new Generator(seed) : undefined);
    this.#steps = stepsOf(train.length, options.batchSize, options.accumulate);
    this.#ends = endsOf(this.#steps);
    const optimizers = learners.map(({ optimizer }) => optimizer);
    this.#schedules = new Schedules(schedules, optimizers, this.#steps.length);
    this.#job = new Job(this.#parts());
    for (const { model } of learners) model.train();
  }

  /** How far it is, also while native code runs. */
  get progress(): RunProgress {
    const { given } = this.#sampler;
    const step = given === 0 ? 0 : this.#ends.findIndex((end) => given <= end) + 1;
    const losses = this.#learners.map(({ loss }) => loss);
    return { epoch: this.#begun[0]!, step, steps: this.#steps.length, losses };
  }

  /** Asks the run to stop after the step that it is at. */
  stop(): void {
    this.#job.stop();
  }

  /** How many epochs of `wanted` native code can run on its own. */
  most(wanted: number): number {
    return Math.min(wanted, MAX_ROUNDS, this.#schedules.epochs);
  }

  /** Runs so many epochs, or until it is stopped, and returns those that are whole, of each model. */
  async epochs(count: number): Promise<readonly (readonly Epoch[])[]> {
    this.#before = this.histories[0]!.length * this.#steps.length;
    this.#row[0] = 0;
    this.#schedules.fill(this.#before, count);
    try {
      await this.#job.run(count);
    } catch (error) {
      this.#read();
      throw this.#explained(error);
    }
    const epochs = this.#read();
    this.#schedules.set(this.#before + epochs[0]!.length * this.#steps.length);
    return epochs;
  }

  /** The epochs of the log, of each model, which its history has from now on. */
  #read(): readonly (readonly Epoch[])[] {
    const width = this.#figures.length / this.#learners.length;
    const size = { steps: this.#steps.length, validation: this.#options.validation?.length };
    return this.#learners.map((learner, i) => {
      const history = this.histories[i]!;
      const epochs: Epoch[] = [];
      for (let row = 0; row < this.#row[0]!; row++) {
        const start = row * this.#figures.length + i * width;
        const epoch = learner.epoch(history.length + 1, this.#log.subarray(start, start + width), size);
        history.push(epoch);
        epochs.push(epoch);
      }
      return epochs;
    });
  }

  /** An epoch: its start, its steps, its end. */
  #parts(): Repeated[] {
    const [first = [], ...others] = this.#steps;
    // Steps of the same batches are one part: all but the last are alike.
    const alike = 1 + others.filter((sizes) => sizes.join() === first.join()).length;
    const part = (sizes: readonly number[], times: number): Repeated => ({
      here: () => this.#schedules.set(this.#before + this.#schedules.taken + 1),
      body: () => this.#step(sizes),
      times,
    });
    return [
      { body: () => this.#start(), times: 1 },
      part(first, Math.min(alike, this.#steps.length)),
      part(this.#steps.at(-1) ?? [], Math.max(0, this.#steps.length - alike)),
      { body: () => this.#end(), times: 1 },
    ];
  }

  #start(): void {
    this.#sampler.start();
    ops['add_figures']!(one, this.#begun, 1, 1);
    for (const learner of this.#learners) learner.start();
  }

  #step(sizes: readonly number[]): void {
    const batches: Batch[] = sizes.map((size) => this.#sampler.next(size));
    // All first: one that stops the run leaves no other a step ahead.
    for (const learner of this.#learners) learner.prepare(batches);
    this.#learners.forEach((learner, i) => {
      this.#schedules.next(i);
      learner.update(batches);
    });
  }

  #end(): void {
    for (const learner of this.#learners) learner.end(this.#options.validation);
    ops['log_row']!(this.#figures, this.#row, this.#log, this.#figures.length, MAX_ROUNDS);
  }

  /** What stopped a run, with the place where it happened. */
  #explained(error: unknown): unknown {
    if (!(error instanceof RidgelineError) || error.code !== 'ERR_NONFINITE') return error;
    const { epoch, step } = this.progress;
    const findings = this.#learners.map((learner) => this.#replay(learner, step));
    const broken = findings.findIndex(({ culprit, parameter }) => culprit ?? parameter);
    const at = Math.max(0, broken);
    const model = this.#learners.length === 1 ? undefined : at + 1;
    const place = { epoch, step, model };
    return nonFiniteError(this.#owner, this.histories[at]!, place, findings[at]!, error);
  }

  /** What a learner's step of this number, from 1, shows when it runs again. */
  #replay(learner: Learner, step: number): Finding {
    const body = (): void => {
      this.#sampler.seek(this.#ends[step - 2] ?? 0);
      learner.gradients(this.#steps[step - 1]!.map((size) => this.#sampler.next(size)));
    };
    return replay(
      body,
      () => `in the ${learner.direction} pass`,
      (culprit) => findingOf(learner, culprit),
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

/** The samples up to the end of each step. */
function endsOf(steps: readonly (readonly number[])[]): number[] {
  let samples = 0;
  return steps.map((sizes) => (samples += sizes.reduce((sum, size) => sum + size, 0)));
}
