import { ops } from '../native.ts';
import { penaltiesOf, type GroupOptions, type ParamGroup } from '../optim/group.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, intData } from '../tensor/value.ts';
import type { Score } from './history.ts';

/** Numbers of a {@link Meter}: data loss, penalty, samples that were right. */
export const METER = 3;

/** Sums of what batches cost and how many samples were right, where native code can add to them. */
export class Meter {
  /** The sums. */
  readonly figures: Float64Array;
  readonly #data: Float64Array;
  readonly #penalty: Float64Array;
  readonly #correct: Float64Array;
  readonly #part = allocateShared('float64', 1) as Float64Array;
  #classes = false;

  /** @param figures {@link METER} numbers in shared memory. */
  constructor(figures: Float64Array = allocateShared('float64', METER) as Float64Array) {
    this.figures = figures;
    this.#data = figures.subarray(0, 1);
    this.#penalty = figures.subarray(1, 2);
    this.#correct = figures.subarray(2, 3);
  }

  /** Forgets all sums. */
  clear(): void {
    ops['clear']!(this.figures, METER);
  }

  /** Adds a batch of `samples`, whose mean loss is `loss`. */
  add(samples: number, loss: Tensor, output: Tensor, target: Tensor): void {
    ops['add_weighted']!(floatData('fit', 'loss', loss), this.#data, samples);
    const [rows, classes, ...rest] = output.shape;
    this.#classes =
      target.dtype === 'int32' && rows !== undefined && classes !== undefined && rest.length === 0;
    if (!this.#classes) return;
    const labels = intData('fit', 'target', target);
    ops['count_correct']!(floatData('fit', 'output', output), labels, this.#correct, rows!, classes!, 0);
  }

  /** Adds what a batch of `samples` paid: the first figure of an update. */
  addPenalty(samples: number, penalty: Float64Array): void {
    ops['add_figures']!(penalty, this.#penalty, 1, samples);
  }

  /** Adds what the parameters of these groups pay now. */
  addPenalties(groups: readonly ParamGroup<GroupOptions>[]): void {
    for (const group of groups) {
      for (const penalty of penaltiesOf(group)) {
        ops['clear']!(this.#part, 1);
        penalty.addValue(group.params, this.#part);
        ops['add_figures']!(this.#part, this.#penalty, 1, 1);
      }
    }
  }

  /** The means of these sums: the losses over `samples`, the penalty over `payments`. */
  score(samples: number, payments: number, [data, penalty, correct]: Iterable<number>): Score {
    const parts = { data: data! / samples, penalty: penalty! / payments };
    const score = { ...parts, total: parts.data + parts.penalty };
    return this.#classes ? { ...score, accuracy: correct! / samples } : score;
  }
}
