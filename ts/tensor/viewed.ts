import { oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { DType } from './dtype.ts';
import { type Operation, Value } from './graph.ts';
import { cast, castToInts } from './ops/cast.ts';
import { flip, select, take } from './ops/index.ts';
import { copy, look, reshape, resolveShape } from './ops/view.ts';
import { axesOf, axisOf, sameShape, type Shape, showShape, sizeOf } from './shape.ts';
import type { ViewAxis } from './view.ts';

/** An axis or several, negative ones from the last. */
export type Axes = number | readonly number[];

/** What tensors do to their shape: other looks at the same memory, and elements chosen by index. */
export abstract class Viewed<T extends Viewed<T>> extends Value {
  /** This tensor. */
  protected abstract get self(): T;

  /** Runs an operation and records it if a gradient can flow through it. */
  protected abstract run<Attributes>(
    operation: Operation<Attributes>,
    inputs: readonly Value[],
    ...[attributes]: Attributes extends void ? [] : [attributes: Attributes]
  ): T;

  /** The elements along `axis` that `index`, a tensor of int32, names; its shape takes the place of the axis. */
  indexSelect(axis: number, index: T): T {
    return this.run(select, [this, index], axisOf('indexSelect', 'axis', axis, this.shape.length));
  }

  /**
   * At each place the element along `axis` that `index` names there.
   *
   * @param index int32, of this shape but along `axis`.
   */
  gather(axis: number, index: T): T {
    const at = axisOf('gather', 'axis', axis, this.shape.length);
    const expected =
      index.shape.length === this.shape.length ? this.shape.with(at, index.shape[at]!) : this.shape;
    if (!sameShape(index.shape, expected)) {
      const fix = `Only along axis ${at} it may have another length.`;
      throw new ArgumentError(
        'ERR_SHAPE',
        'gather',
        'index',
        `of shape ${showShape(expected)}`,
        showShape(index.shape),
        fix,
      );
    }
    return this.run(take, [this, index], at);
  }

  /** The elements in reverse order along `axes`; copied. */
  flip(axes: Axes): T {
    return axesOf('flip', axes, this.shape.length).reduce((x, axis) => this.run(flip, [x], axis), this.self);
  }

  /** The same elements under another shape; one length may be −1. Over the same memory where strides allow it. */
  reshape(shape: Shape): T {
    return this.run(reshape, [this], resolveShape('reshape', this.shape, shape));
  }

  /** The axes from `start` to `end`, both included, as one. */
  flatten(start = 0, end = -1): T {
    const rank = Math.max(this.shape.length, 1);
    const [from, to] = [axisOf('flatten', 'start', start, rank), axisOf('flatten', 'end', end, rank)];
    if (from > to) throw new ArgumentError('ERR_VALUE', 'flatten', 'end', `an axis from ${from} on`, end);
    const middle = sizeOf(this.shape.slice(from, to + 1));
    return this.reshape([...this.shape.slice(0, from), middle, ...this.shape.slice(to + 1)]);
  }

  /** Without the axes of length 1, or without those of `axes` that have it; over the same memory. */
  squeeze(axes?: Axes): T {
    const rank = this.shape.length;
    const chosen = axes === undefined ? undefined : axesOf('squeeze', axes, rank);
    const kept = this.shape
      .map((_, axis) => axis)
      .filter((axis) => this.shape[axis] !== 1 || chosen?.includes(axis) === false);
    return this.#look(kept.map((from) => this.#axis(from)));
  }

  /** With an axis of length 1 at `axis`, negative ones from behind the last; over the same memory. */
  unsqueeze(axis: number): T {
    const at = axisOf('unsqueeze', 'axis', axis, this.shape.length + 1);
    const axes: ViewAxis[] = this.shape.map((_, from) => this.#axis(from));
    return this.#look(axes.toSpliced(at, 0, { from: undefined, step: 0, length: 1 }));
  }

  /** The axes in another order, over the same memory. */
  permute(axes: readonly number[]): T {
    const order = axes.map((axis, i) => axisOf('permute', `axes[${i}]`, axis, this.shape.length));
    if (new Set(order).size !== this.shape.length || order.length !== this.shape.length) {
      const expected = `each of the ${this.shape.length} axes once`;
      throw new ArgumentError('ERR_VALUE', 'permute', 'axes', expected, `[${axes.join(', ')}]`);
    }
    return this.#look(order.map((from) => this.#axis(from)));
  }

  /** Two axes exchanged, over the same memory. */
  transpose(first: number, second: number): T {
    const rank = this.shape.length;
    const [a, b] = [axisOf('transpose', 'first', first, rank), axisOf('transpose', 'second', second, rank)];
    const exchanged = (axis: number): number => (axis === a ? b : axis === b ? a : axis);
    return this.permute(this.shape.map((_, axis) => exchanged(axis)));
  }

  /**
   * The elements from `start` up to, not including, `end` along `axis`, every `step`-th of them; over the same memory.
   *
   * @param start from 0, or negative from the end; 0 unless given.
   * @param end as `start`; the length unless given. Both may lie beyond the ends.
   */
  slice(axis: number, start = 0, end: number = Infinity, step = 1): T {
    const at = axisOf('slice', 'axis', axis, this.shape.length);
    whole('slice', 'step', step, 1);
    const length = this.shape[at]!;
    const place = (index: number): number =>
      Math.min(Math.max(index < 0 ? index + length : index, 0), length);
    const [from, to] = [place(start), place(end)];
    const count = Math.max(0, Math.ceil((to - from) / step));
    const starts = this.shape.map((_, i) => (i === at && count > 0 ? from : 0));
    const axes = this.shape.map((_, i) => (i === at ? { from: i, step, length: count } : this.#axis(i)));
    return this.run(look, [this], { starts, axes });
  }

  /** The part at `index` of `axis`, without that axis; over the same memory. Negative from the end. */
  select(axis: number, index: number): T {
    const at = axisOf('select', 'axis', axis, this.shape.length);
    const place = axisOf('select', 'index', index, this.shape[at]!);
    const starts = this.shape.map((_, i) => (i === at ? place : 0));
    const axes = this.shape.flatMap((_, i) => (i === at ? [] : [this.#axis(i)]));
    return this.run(look, [this], { starts, axes });
  }

  /** Parts along `axis`, over the same memory: of `size` elements each, the last one of what is left; or of these sizes. */
  split(size: number | readonly number[], axis = 0): T[] {
    const at = axisOf('split', 'axis', axis, this.shape.length);
    const length = this.shape[at]!;
    const sizes = typeof size === 'number' ? evenly(length, whole('split', 'size', size, 1)) : size;
    if (sizes.reduce((sum, part) => sum + part, 0) !== length) {
      const expected = `sizes that add up to ${length}, the length of axis ${at}`;
      throw new ArgumentError('ERR_VALUE', 'split', 'size', expected, `[${sizes.join(', ')}]`);
    }
    let start = 0;
    return sizes.map((part) => {
      start += part;
      return this.slice(at, start - part, start);
    });
  }

  /** `count` parts along `axis`, over the same memory, each as long as the others but the last. */
  chunk(count: number, axis = 0): T[] {
    const at = axisOf('chunk', 'axis', axis, this.shape.length);
    whole('chunk', 'count', count, 1);
    return this.split(Math.max(1, Math.ceil(this.shape[at]! / count)), at);
  }

  /** Repeated along new axes, which come first, and along those of length 1, up to `shape`; over the same memory. −1 keeps a length. */
  expand(shape: Shape): T {
    const missing = shape.length - this.shape.length;
    const axes = shape.map((length, i): ViewAxis => {
      const own = this.shape[i - missing];
      const wanted = length === -1 && own !== undefined ? own : whole('expand', `shape[${i}]`, length);
      if (own === wanted) return this.#axis(i - missing);
      if (own === undefined || own === 1) return { from: undefined, step: 0, length: wanted };
      const expected = `a shape that ${showShape(this.shape)} repeats to`;
      throw new ArgumentError('ERR_SHAPE', 'expand', 'shape', expected, showShape(shape));
    });
    if (missing < 0) {
      const expected = `a shape of at least ${this.shape.length} axes`;
      throw new ArgumentError('ERR_SHAPE', 'expand', 'shape', expected, showShape(shape));
    }
    return this.#look(axes);
  }

  /** This tensor if its elements lie row by row in memory of its own, else a copy whose elements do. */
  contiguous(): T {
    return this.view === undefined ? this.self : this.run(copy, [this]);
  }

  /** A copy, through which gradients flow. */
  clone(): T {
    return this.run(copy, [this]);
  }

  /** The same numbers in another element type; this tensor if it has that. To int32 they are rounded towards 0. */
  to(dtype: DType): T {
    oneOf('to', 'dtype', dtype, ['float32', 'float64', 'int32']);
    if (dtype === this.dtype) return this.self;
    return dtype === 'int32' ? this.run(castToInts, [this]) : this.run(cast, [this], dtype);
  }

  #axis(from: number): ViewAxis {
    return { from, step: 1, length: this.shape[from]! };
  }

  #look(axes: readonly ViewAxis[]): T {
    return this.run(look, [this], { starts: this.shape.map(() => 0), axes });
  }
}

/** Lengths of parts of `size` each, and of what is left. */
function evenly(length: number, size: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(length / size)) }, (_, i) =>
    Math.min(size, length - i * size),
  );
}
