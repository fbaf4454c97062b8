import type { Batch } from '../data/index.ts';
import type { Metric } from '../metrics/metric.ts';
import { ops } from '../native.ts';
import type { Loss, Module } from '../nn/index.ts';
import { AveragedModel, type AverageOptions, clipGradNorm, type Optimizer } from '../optim/index.ts';
import type { GroupOptions } from '../optim/group.ts';
import type { TensorArray } from '../tensor/dtype.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, seen } from '../tensor/value.ts';
import { measure } from './evaluate.ts';
import type { Epoch } from './epoch.ts';
import { meanLoss, Meter, meterWidth, stepsIn } from './meter.ts';

/** What of an optimizer a run needs. */
export type FitOptimizer = Pick<
  Optimizer<GroupOptions>,
  'paramGroups' | 'step' | 'zeroGrad' | 'totals' | 'hold' | 'options' | 'writeOptions'
>;

/** How weights are averaged over a run, and when. */
export interface FitAverage extends AverageOptions {
  /** When the weights are averaged; after each step for `ema`, after each epoch for `swa` unless given. */
  readonly every?: 'step' | 'epoch';
}

/** A model, how it is trained, and what is reported of it. */
export interface LearnerOptions {
  readonly model: Module;
  readonly optimizer: FitOptimizer;
  readonly loss: Loss;
  /** Gradients are clipped to this norm; not clipped without it. */
  readonly clipGradNorm: number | undefined;
  /** Whether a step that is not finite stops the run or is left out. */
  readonly nonFinite: 'stop' | 'skip';
  readonly metrics: readonly Metric[];
  readonly average: FitAverage | undefined;
}

/** Samples and steps of an epoch. */
export interface EpochSize {
  readonly validation: number | undefined;
  readonly steps: number;
}

const TOTALS = 6;

/** Those that batches add up to: what is measured in training too. */
const means = (metrics: readonly Metric[]): readonly Metric[] => metrics.filter(({ mean }) => mean);

/** Figures of an epoch: sums of training, what the last update saw, sums of validation. */
export function learnerWidth(metrics: readonly Metric[]): number {
  return meterWidth(means(metrics)) + TOTALS + meterWidth(metrics);
}

/** A model in training: its steps, and its score. Everything it does, native code can do alone. */
export class Learner {
  readonly options: LearnerOptions;
  /** Its weights averaged over the run, if they are. */
  readonly average: AveragedModel | undefined;
  /** Whether {@link gradients} computes a loss, or is on its way back. */
  direction: 'forward' | 'backward' = 'forward';
  readonly #every: 'step' | 'epoch';
  readonly #train: Float64Array;
  readonly #totals: Float64Array;
  readonly #validation: Meter;
  /** What the step under way costs. */
  readonly #step: Meter;
  /** 0, or NaN if the step under way is not finite. */
  readonly #guard = allocateShared('float64', 1) as Float64Array;

  /** @param figures {@link learnerWidth} numbers in shared memory, where it keeps its score. */
  constructor(options: LearnerOptions, figures: Float64Array) {
    this.options = options;
    const { metrics, model, average } = options;
    const { every = average?.kind === 'ema' ? 'step' : 'epoch', ...how } = average ?? {};
    this.#every = every;
    this.average = average === undefined ? undefined : new AveragedModel(model, how);
    this.#step = new Meter(means(metrics));
    const { length } = this.#step.figures;
    this.#train = figures.subarray(0, length);
    this.#totals = figures.subarray(length, length + TOTALS);
    this.#validation = new Meter(metrics, figures.subarray(length + TOTALS));
  }

  /** The mean loss of the epoch so far. */
  get loss(): number {
    return meanLoss(this.#train);
  }

  /** The loss of the step that was computed last. */
  get stepLoss(): number {
    return meanLoss(this.#step.figures);
  }

  /** Starts an epoch. */
  start(): void {
    ops['clear']!(this.#train, this.#train.length);
  }

  /** The mean gradient over all samples of these batches; stops the run where a step must be finite and is not. */
  prepare(batches: readonly Batch[]): void {
    const { model, optimizer, clipGradNorm: most, nonFinite } = this.options;
    // Running statistics go on with each forward pass: those of a step that is not made go back.
    const buffers = model.namedBuffers().map(([, { array }]) => ({ array, before: copied(array) }));
    this.gradients(batches);
    const params = optimizer.paramGroups.flatMap((group) => group.params);
    if (most === undefined) for (const { grad } of params) this.#watch(grad);
    else this.#watch(clipGradNorm(params, most));
    for (const { array, before } of buffers) {
      const putBack = array instanceof Int32Array ? 'put_back_labels' : 'put_back';
      ops[putBack]!(this.#guard, before, array, array.length);
    }
    if (nonFinite === 'stop') ops['expect_finite']!(this.#guard);
    else optimizer.hold(this.#guard);
  }

  /** Losses and gradients alone, as the batches give them. */
  gradients(batches: readonly Batch[]): void {
    const { model, optimizer, loss, metrics } = this.options;
    const samples = samplesOf(batches);
    ops['clear']!(this.#guard, 1);
    this.#step.clear();
    optimizer.zeroGrad();
    for (const { x, y } of batches) {
      const size = x.shape[0]!;
      this.direction = 'forward';
      const output = model.forward(x);
      const value = loss.forward(output, y);
      // What is measured after the epoch is refused before the first step.
      for (const metric of metrics) metric.check(output, y);
      this.#watch(value);
      this.#step.add(size, value, output, y);
      const part = size === samples ? value : value.mul(size / samples);
      this.direction = 'backward';
      part.backward();
    }
  }

  /** One update by the gradients that were prepared. */
  update(batches: readonly Batch[]): void {
    const { optimizer } = this.options;
    optimizer.step();
    optimizer.totals(this.#totals);
    this.#step.addStep(samplesOf(batches), this.#totals.subarray(0, 1));
    this.#step.addTo(this.#train, this.#guard);
    if (this.#every === 'step') this.average?.updateParameters(this.#guard);
  }

  /** Ends an epoch: scores the validation part, with averaged weights where they are averaged. */
  end(validation: Batch | undefined): void {
    const { model, optimizer, loss } = this.options;
    if (this.#every === 'epoch') this.average?.updateParameters();
    this.#validation.clear();
    if (validation === undefined) return;
    const score = (): void => {
      measure(model, validation, loss, this.#validation);
      this.#validation.addPenalties(optimizer.paramGroups);
    };
    if (this.average === undefined) score();
    else this.average.use(score);
  }

  /** The epoch of this number, from its figures. */
  epoch(number: number, row: Float64Array, { steps, validation }: EpochSize): Epoch {
    const { length } = this.#train;
    const train = row.subarray(0, length);
    const [, , , weightSquares, zeros] = row.subarray(length);
    return {
      epoch: number,
      train: this.#step.score(train),
      ...(validation !== undefined && {
        validation: this.#validation.score(row.subarray(length + TOTALS), validation),
      }),
      zeros: zeros!,
      weightNorm: Math.sqrt(weightSquares!),
      skipped: steps - stepsIn(train),
    };
  }

  #watch(value: Tensor | null): void {
    if (value !== null) ops['guard']!(floatData('fit', 'loss', value), this.#guard, value.size);
  }
}

/** A copy that belongs to the step. */
function copied(array: TensorArray): TensorArray {
  return seen(array, { offset: 0, strides: [1] }, [array.length]);
}

function samplesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { x }) => sum + x.shape[0]!, 0);
}
