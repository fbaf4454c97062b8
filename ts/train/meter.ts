import { accuracyOf } from '../metrics/accuracy.ts';
import type { Metric } from '../metrics/metric.ts';
import { ops } from '../native.ts';
import { penaltiesOf, type GroupOptions, type ParamGroup } from '../optim/group.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData } from '../tensor/value.ts';
import type { Score } from './epoch.ts';

const LOSS = 0; // Σ weight·loss
const PENALTY = 1; // Σ weight·penalty
const WEIGHT = 2;
const STEPS = 3;
const METRICS = 4; // and one of accuracy, which comes by itself where targets are classes

/** Numbers of a {@link Meter} of these metrics. */
export function meterWidth(metrics: readonly Metric[]): number {
  return METRICS + metrics.length + 1;
}

const one = Float64Array.of(1);
const accuracy = accuracyOf('logits');

/** Sums of what batches cost and how well they did, where native code can add to them. */
export class Meter {
  /** The sums. */
  readonly figures: Float64Array;
  readonly #wanted: readonly Metric[];
  #metrics: readonly Metric[] = [];
  readonly #part = allocateShared('float64', 1) as Float64Array;

  /** @param figures {@link meterWidth} numbers in shared memory. */
  constructor(
    metrics: readonly Metric[],
    figures: Float64Array = allocateShared('float64', meterWidth(metrics)) as Float64Array,
  ) {
    this.#wanted = metrics;
    this.figures = figures;
  }

  /** Forgets all sums. */
  clear(): void {
    ops['clear']!(this.figures, this.figures.length);
  }

  /** Adds a batch of this weight, whose mean loss is `loss`. */
  add(weight: number, loss: Tensor, output: Tensor, target: Tensor): void {
    ops['add_weighted']!(floatData('fit', 'loss', loss), this.#at(LOSS), weight);
    ops['add_weighted']!(one, this.#at(WEIGHT), weight);
    this.#metrics = withAccuracy(this.#wanted, output, target);
    for (const metric of this.#metrics) metric.check(output, target);
    this.#metrics.forEach((metric, i) => metric.add(output, target, this.#at(METRICS + i)));
  }

  /** Adds what a batch of this weight paid, the first figure of an update, and counts the step. */
  addStep(weight: number, penalty: Float64Array): void {
    ops['add_figures']!(penalty, this.#at(PENALTY), 1, weight);
    ops['add_weighted']!(one, this.#at(STEPS), 1);
  }

  /** Adds what the parameters of these groups pay now. */
  addPenalties(groups: readonly ParamGroup<GroupOptions>[]): void {
    for (const group of groups) {
      for (const penalty of penaltiesOf(group)) {
        ops['clear']!(this.#part, 1);
        penalty.addValue(group.params, this.#part);
        ops['add_figures']!(this.#part, this.#at(PENALTY), 1, 1);
      }
    }
  }

  /** Adds all sums to `totals`, unless `guard` is no number. */
  addTo(totals: Float64Array, guard: Float64Array): void {
    ops['add_guarded']!(guard, this.figures, totals, totals.length);
  }

  /** The means of these sums, of a meter of the same metrics: of the metrics over so many samples. */
  score(sums: Float64Array = this.figures, samples: number = sums[WEIGHT]!): Score {
    const data = sums[LOSS]! / sums[WEIGHT]!;
    const penalty = sums[PENALTY]! / sums[WEIGHT]!;
    const figures = this.#metrics.map(({ name, mean }, i) => {
      const figure = sums[METRICS + i]!;
      return [name, mean ? figure / samples : figure];
    });
    return { data, penalty, total: data + penalty, ...Object.fromEntries(figures) };
  }

  #at(place: number): Float64Array {
    return this.figures.subarray(place, place + 1);
  }
}

/** The mean loss in `sums` so far. */
export function meanLoss(sums: Float64Array): number {
  return sums[LOSS]! / sums[WEIGHT]!;
}

/** The steps in `sums` that counted. */
export function stepsIn(sums: Float64Array): number {
  return sums[STEPS]!;
}

/** Where targets are classes, their accuracy is measured too. */
function withAccuracy(metrics: readonly Metric[], output: Tensor, target: Tensor): readonly Metric[] {
  const classes = target.array instanceof Int32Array && output.shape.length === 2;
  return classes && !metrics.some(({ name }) => name === 'accuracy') ? [...metrics, accuracy] : metrics;
}
