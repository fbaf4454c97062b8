import { KnownKeys, nonNegative, positive } from '../check.ts';
import type { Operation } from './graph.ts';
import { abs } from './ops/arithmetic.ts';
import {
  cumulativeSum,
  deviation,
  extreme,
  extremePlace,
  logSoftmax,
  logSumExp,
  norm,
  product,
  type RowAttributes,
  softmax,
  sum,
  sumAxes,
  variance,
} from './ops/reduce.ts';
import { axesOf, axisOf, sizeOf } from './shape.ts';
import { type Axes, Viewed } from './viewed.ts';

/** What {@link Folded.var} takes. */
export interface VarianceOptions {
  /** What is taken from the number of elements before the division: 1 for a sample, 0 for all there is. */
  readonly correction?: number;
}

const varianceKeys = new KnownKeys(['correction']);

/** The largest or smallest elements along an axis. */
export interface Extreme<T> {
  readonly values: T;
  /** The first place of each; int32. */
  readonly indices: T;
}

/** What tensors compute along axes: sums, norms, extremes, running sums, softmax. */
export abstract class Folded<T extends Folded<T>> extends Viewed<T> {
  /**
   * Σx over `axes`, or over all of them: a scalar.
   *
   * @param axes one axis or several, negative ones from the last; all unless given.
   * @param keepDim whether the axes stay, with length 1; false unless given.
   */
  sum(axes?: Axes, keepDim = false): T {
    return this.#sums('sum', axes, keepDim, false);
  }

  /** The mean over `axes`, or over all of them, as for {@link sum}. */
  mean(axes?: Axes, keepDim = false): T {
    return this.#sums('mean', axes, keepDim, true);
  }

  #sums(owner: string, axes: Axes | undefined, keepDim: boolean, mean: boolean): T {
    if (axes === undefined)
      return this.#kept(this.run(sum, [this], mean ? this.size : 1), undefined, keepDim);
    return this.#along(owner, axes, keepDim, (x, from, to) => {
      const divisor = mean ? sizeOf(x.shape.slice(from, to)) : 1;
      return this.run(sumAxes, [x], { from, to, divisor });
    });
  }

  /** Πx over `axes`, or over all of them, as for {@link sum}. */
  prod(axes?: Axes, keepDim = false): T {
    return this.#byRows('prod', axes, keepDim, product);
  }

  /**
   * The variance over `axes`, or over all of them, as for {@link sum}.
   *
   * @param options `correction`: what is taken from the number of elements before the division; 1 unless given.
   */
  var(axes?: Axes, keepDim = false, options: VarianceOptions = {}): T {
    return this.#spread('var', axes, keepDim, options, variance);
  }

  /** The standard deviation, as for {@link var}; its gradient is 0 where it is 0. */
  std(axes?: Axes, keepDim = false, options: VarianceOptions = {}): T {
    return this.#spread('std', axes, keepDim, options, deviation);
  }

  #spread(
    owner: string,
    axes: Axes | undefined,
    keepDim: boolean,
    options: VarianceOptions,
    operation: Operation<RowAttributes>,
  ): T {
    varianceKeys.check(owner, options);
    const correction = nonNegative(owner, 'correction', options.correction ?? 1);
    return this.#byRows(owner, axes, keepDim, operation, [correction]);
  }

  /**
   * The norm (Σ|x|ᵖ)^(1/p) over `axes`, or over all of them, as for {@link sum}; its gradient is 0 where it is 0.
   *
   * @param p positive, or Infinity for the largest |x|; 2 unless given.
   */
  norm(p = 2, axes?: Axes, keepDim = false): T {
    if (p === Infinity) return this.run(abs, [this]).amax(axes, keepDim);
    return this.#byRows('norm', axes, keepDim, norm, [positive('norm', 'p', p)]);
  }

  /** ln Σ eˣ over `axes`, or over all of them, as for {@link sum}, in a form that does not overflow. */
  logsumexp(axes?: Axes, keepDim = false): T {
    return this.#byRows('logsumexp', axes, keepDim, logSumExp);
  }

  /** The largest element over `axes`, or over all of them, as for {@link sum}; equals share the gradient. */
  amax(axes?: Axes, keepDim = false): T {
    return this.#along('amax', axes, keepDim, (x, from, to) =>
      this.run(extreme, [x], { from, to, largest: true }),
    );
  }

  /** The smallest element over `axes`, as for {@link amax}. */
  amin(axes?: Axes, keepDim = false): T {
    return this.#along('amin', axes, keepDim, (x, from, to) =>
      this.run(extreme, [x], { from, to, largest: false }),
    );
  }

  /** The first place of the largest element along an axis, or among all elements; int32. */
  argmax(axis?: number, keepDim = false): T {
    return this.#place('argmax', axis, keepDim, true);
  }

  /** The first place of the smallest element along an axis, or among all elements; int32. */
  argmin(axis?: number, keepDim = false): T {
    return this.#place('argmin', axis, keepDim, false);
  }

  #place(owner: string, axis: number | undefined, keepDim: boolean, largest: boolean): T {
    if (axis === undefined) {
      const place = this.run(extremePlace, [this.reshape([-1])], { from: 0, to: 1, largest });
      return this.#kept(place, undefined, keepDim);
    }
    return this.#along(owner, axis, keepDim, (x, from, to) =>
      this.run(extremePlace, [x], { from, to, largest }),
    );
  }

  /** The largest element, a scalar; with an axis the largest along it and its first place, which gets the gradient. */
  max(): T;
  max(axis: number, keepDim?: boolean): Extreme<T>;
  max(axis?: number, keepDim = false): T | Extreme<T> {
    return axis === undefined ? this.amax() : this.#extreme('max', axis, keepDim, true);
  }

  /** The smallest element, as for {@link max}. */
  min(): T;
  min(axis: number, keepDim?: boolean): Extreme<T>;
  min(axis?: number, keepDim = false): T | Extreme<T> {
    return axis === undefined ? this.amin() : this.#extreme('min', axis, keepDim, false);
  }

  #extreme(owner: string, axis: number, keepDim: boolean, largest: boolean): Extreme<T> {
    const at = axisOf(owner, 'axis', axis, this.shape.length);
    const indices = this.#place(owner, at, true, largest);
    const values = this.gather(at, indices);
    return keepDim ? { values, indices } : { values: values.squeeze(at), indices: indices.squeeze(at) };
  }

  /** Running sums along an axis. */
  cumsum(axis: number): T {
    return this.#alongLast('cumsum', axis, (x) => this.run(cumulativeSum, [x]));
  }

  /** eˣ/Σ eˣ along an axis. */
  softmax(axis: number): T {
    return this.#alongLast('softmax', axis, (x) => this.run(softmax, [x]));
  }

  /** x − ln Σ eˣ along an axis: the logarithm of {@link softmax}, in a form that loses nothing. */
  logSoftmax(axis: number): T {
    return this.#alongLast('logSoftmax', axis, (x) => this.run(logSoftmax, [x]));
  }

  /** With `axes`, of length 1, where they were before a reduction. */
  #kept(result: T, axes: readonly number[] | undefined, keepDim: boolean): T {
    if (!keepDim) return result;
    return result.reshape(this.shape.map((length, axis) => (axes?.includes(axis) === false ? length : 1)));
  }

  /** A reduction over `axes`: by neighbors where they are, else moved behind all others. */
  #along(
    owner: string,
    axes: Axes | undefined,
    keepDim: boolean,
    run: (x: T, from: number, to: number) => T,
  ): T {
    const rank = this.shape.length;
    const chosen = axesOf(owner, axes ?? this.shape.map((_, axis) => axis), rank);
    const from = chosen[0] ?? 0;
    const neighbors = chosen.every((axis, i) => axis === from + i);
    const result = neighbors
      ? run(this.self, from, from + chosen.length)
      : run(this.#moved(chosen), rank - chosen.length, rank);
    return this.#kept(result, chosen, keepDim);
  }

  /** With these axes behind all others. */
  #moved(axes: readonly number[]): T {
    const others = this.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    return this.permute([...others, ...axes]);
  }

  #byRows(
    owner: string,
    axes: Axes | undefined,
    keepDim: boolean,
    operation: Operation<RowAttributes>,
    numbers: readonly number[] = [],
  ): T {
    const chosen = axesOf(owner, axes ?? this.shape.map((_, axis) => axis), this.shape.length);
    const moved =
      chosen.at(-1) === this.shape.length - 1 && chosen.every((axis, i) => axis === chosen[0]! + i);
    const x = moved ? this.self : this.#moved(chosen);
    return this.#kept(this.run(operation, [x], { axes: chosen.length, numbers }), chosen, keepDim);
  }

  /** What `run` makes along the last axis, along another one. */
  #alongLast(owner: string, axis: number, run: (x: T) => T): T {
    const rank = this.shape.length;
    const at = axisOf(owner, 'axis', axis, rank);
    return at === rank - 1 ? run(this.self) : run(this.transpose(at, rank - 1)).transpose(at, rank - 1);
  }
}
