import type { Batch } from '../data/index.ts';
import { ops } from '../native.ts';
import type { Loss, Module } from '../nn/index.ts';
import { clipGradNorm, type Optimizer } from '../optim/index.ts';
import type { GroupOptions } from '../optim/group.ts';
import { floatData } from '../tensor/value.ts';
import { measure } from './evaluate.ts';
import type { Epoch } from './history.ts';
import { Meter, METER } from './meter.ts';

/** What of an optimizer a run needs. */
export type FitOptimizer = Pick<
  Optimizer<GroupOptions>,
  'paramGroups' | 'step' | 'zeroGrad' | 'totals' | 'options' | 'writeOptions'
>;

/** A model, how it is trained, and what is reported of it. */
export interface LearnerOptions {
  readonly model: Module;
  readonly optimizer: FitOptimizer;
  readonly loss: Loss;
  /** Gradients are clipped to this norm; not clipped without it. */
  readonly clipGradNorm: number | undefined;
}

const TOTALS = 6;

/** Figures of an epoch: sums of training, what the last update saw, sums of validation. */
export const WIDTH: number = METER + TOTALS + METER;

/** A model in training: its steps, and its score. Everything it does, native code can do alone. */
export class Learner {
  readonly options: LearnerOptions;
  readonly #train: Meter;
  readonly #totals: Float64Array;
  readonly #validation: Meter;

  /** @param figures {@link WIDTH} numbers in shared memory, where it keeps its score. */
  constructor(options: LearnerOptions, figures: Float64Array) {
    this.options = options;
    this.#train = new Meter(figures.subarray(0, METER));
    this.#totals = figures.subarray(METER, METER + TOTALS);
    this.#validation = new Meter(figures.subarray(METER + TOTALS));
  }

  /** Starts an epoch. */
  start(): void {
    this.#train.clear();
  }

  /** One update by the mean gradient over all samples of these batches. */
  step(batches: readonly Batch[]): void {
    const { model, optimizer, loss, clipGradNorm: most } = this.options;
    const samples = batches.reduce((sum, { x }) => sum + x.shape[0]!, 0);
    optimizer.zeroGrad();
    for (const { x, y } of batches) {
      const size = x.shape[0]!;
      const output = model.forward(x);
      const value = loss.forward(output, y);
      ops['expect_finite']!(floatData('fit', 'loss', value));
      (size === samples ? value : value.mul(size / samples)).backward();
      this.#train.add(size, value, output, y);
    }
    if (most !== undefined) {
      const params = optimizer.paramGroups.flatMap((group) => group.params);
      clipGradNorm(params, most);
    }
    optimizer.step();
    optimizer.totals(this.#totals);
    this.#train.addPenalty(samples, this.#totals.subarray(0, 1));
  }

  /** Ends an epoch: scores the validation part. */
  end(validation: Batch | undefined): void {
    const { model, optimizer, loss } = this.options;
    this.#validation.clear();
    if (validation === undefined) return;
    measure(model, validation, loss, this.#validation);
    this.#validation.addPenalties(optimizer.paramGroups);
  }

  /** The epoch of this number from its figures; `samples` of the training and the validation part. */
  epoch(
    number: number,
    row: Float64Array,
    [train, validation]: readonly [number, number | undefined],
  ): Epoch {
    const [, , , weightSquares, zeros] = row.subarray(METER);
    const [data, penalty, correct] = row.subarray(METER + TOTALS);
    return {
      epoch: number,
      train: this.#train.score(train, train, row.subarray(0, METER)),
      // The loss of the validation part is a mean already.
      ...(validation !== undefined && {
        validation: this.#validation.score(1, 1, [data!, penalty!, correct! / validation]),
      }),
      zeros: zeros!,
      weightNorm: Math.sqrt(weightSquares!),
    };
  }
}
