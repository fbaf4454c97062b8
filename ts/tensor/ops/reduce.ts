import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';

/** Σx/divisor as a scalar: the sum, or with n the mean. */
export const sum: Operation<number> = {
  name: 'sum',
  forward([x], divisor) {
    const source = floatData('sum', 'this', x!);
    const data = allocateLike(x!, 1);
    ops['sum']!(source, data, source.length, divisor);
    return { data, shape: [], saved: { arrays: [], numbers: [divisor] } };
  },
  backward(gradient, _inputs, saved, target) {
    const out = target(0);
    if (out !== undefined) ops['fill']!(gradient, out, out.length, saved.numbers[0]!);
  },
};

/** Neighboring axes that are reduced: from the first on, up to but not including the last. */
export interface AxisRange {
  readonly from: number;
  readonly to: number;
}

/** The lengths before, along and behind these axes, and the shape without them. */
function split(
  shape: Shape,
  { from, to }: AxisRange,
): { dims: readonly [number, number, number]; rest: Shape } {
  const [before, along, behind] = [shape.slice(0, from), shape.slice(from, to), shape.slice(to)];
  return { dims: [sizeOf(before), sizeOf(along), sizeOf(behind)], rest: [...before, ...behind] };
}

/** Σx/divisor along neighboring axes. */
export const sumAxes: Operation<AxisRange & { readonly divisor: number }> = {
  name: 'sum',
  forward([x], { from, to, divisor }) {
    const { dims, rest } = split(x!.shape, { from, to });
    const data = allocateLike(x!, dims[0] * dims[2]);
    ops['sum_axis']!(floatData('sum', 'this', x!), data, ...dims, divisor);
    return { data, shape: rest, saved: { arrays: [], numbers: [from, to, divisor] } };
  },
  backward(gradient, [x], { numbers: [from, to, divisor] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const [outer, length, inner] = split(x!.shape, { from: from!, to: to! }).dims;
    let share = gradient;
    if (divisor !== 1) {
      share = allocateLike(x!, gradient.length);
      ops['divide']!(gradient, share, share.length, divisor!);
    }
    // Repeated along the axis: a view of three axes, the middle one of stride 0.
    ops['view']!(share, out, share.length, 0, 1, 1, 1, outer, length, inner, 0, 0, 0, inner, 0, 1);
  },
};

/** The largest, or the smallest, along neighboring axes; equals share the gradient. */
export const extreme: Operation<AxisRange & { readonly largest: boolean }> = {
  name: 'extreme',
  forward([x], { from, to, largest }) {
    const { dims, rest } = split(x!.shape, { from, to });
    const data = allocateLike(x!, dims[0] * dims[2]);
    const order = allocateInts(data.length);
    ops['extreme_axis']!(floatData('max', 'this', x!), order, data, ...dims, Number(largest));
    return { data, shape: rest, saved: { arrays: [data], numbers: [from, to] } };
  },
  backward(gradient, [x], { arrays: [y], numbers: [from, to] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const { dims } = split(x!.shape, { from: from!, to: to! });
    ops['extreme_axis_gradient']!(floatData('max', 'this', x!), y!, gradient, out, ...dims);
  },
};

/** The first place of the largest, or of the smallest, along neighboring axes; int32, without a gradient. */
export const extremePlace: Operation<AxisRange & { readonly largest: boolean }> = {
  name: 'extremePlace',
  forward([x], { from, to, largest }) {
    const { dims, rest } = split(x!.shape, { from, to });
    const out = allocateLike(x!, dims[0] * dims[2]);
    const data = allocateInts(out.length);
    ops['extreme_axis']!(floatData('argmax', 'this', x!), data, out, ...dims, Number(largest));
    return { data, shape: rest };
  },
  backward() {
    throw new Error('whole numbers have no gradient');
  },
};

/** What is computed of each row: the elements of the last axes, together. */
export interface RowAttributes {
  /** How many axes a row has. */
  readonly axes: number;
  /** The numbers of the entry of the native table. */
  readonly numbers?: readonly number[];
}

/** Rows and elements of a row. */
function matrixOf(x: Value, axes: number): readonly [rows: number, columns: number] {
  const { shape } = x;
  const at = shape.length - axes;
  return [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))];
}

/** One number of each row, by the entry of the native table of this name. */
function rowNumber(name: string, readsResult: boolean): Operation<RowAttributes> {
  return {
    name,
    forward([x], { axes, numbers = [] }) {
      const [m, n] = matrixOf(x!, axes);
      const data = allocateLike(x!, m);
      ops[name]!(floatData(name, 'this', x!), data, m, n, ...numbers);
      const shape = x!.shape.slice(0, x!.shape.length - axes);
      return { data, shape, saved: { arrays: [data], numbers: [axes, ...numbers] } };
    },
    backward(gradient, [x], { arrays: [y], numbers: [axes, ...numbers] }, target) {
      const out = target(0);
      if (out === undefined) return;
      const [m, n] = matrixOf(x!, axes!);
      const source = floatData(name, 'this', x!);
      const operands = readsResult ? [source, y!, gradient, out] : [source, gradient, out];
      ops[`${name}_gradient`]!(...operands, m, n, ...numbers);
    },
  };
}

/** Π of each row. */
export const product: Operation<RowAttributes> = rowNumber('product', false);
/** (Σ|x|ᵖ)^(1/p) of each row. */
export const norm: Operation<RowAttributes> = rowNumber('norm', true);
/** Σ(x − mean)²/(n − correction) of each row. */
export const variance: Operation<RowAttributes> = rowNumber('variance', false);
/** The root of that; its gradient is 0 where it is 0. */
export const deviation: Operation<RowAttributes> = rowNumber('deviation', true);
/** ln Σ eˣ of each row. */
export const logSumExp: Operation<RowAttributes> = rowNumber('log_sum_exp', true);

/** As many numbers of each row as it has, whose gradient is computed from the result. */
function rowMap(name: string): Operation<void> {
  return {
    name,
    forward([x]) {
      const [m, n] = matrixOf(x!, 1);
      const data = allocateLike(x!, m * n);
      ops[name]!(floatData(name, 'this', x!), data, m, n);
      return { data, shape: x!.shape, saved: { arrays: [data], numbers: [] } };
    },
    backward(gradient, [x], { arrays: [y] }, target) {
      const out = target(0);
      if (out !== undefined) ops[`${name}_gradient`]!(y!, gradient, out, ...matrixOf(x!, 1));
    },
  };
}

/** eˣ/Σ eˣ along the last axis. */
export const softmax: Operation<void> = rowMap('softmax');
/** x − ln Σ eˣ along the last axis. */
export const logSoftmax: Operation<void> = rowMap('log_softmax');

/** Running sums along the last axis. */
export const cumulativeSum: Operation<void> = {
  name: 'cumsum',
  forward([x]) {
    const [m, n] = matrixOf(x!, 1);
    const data = allocateLike(x!, m * n);
    ops['cumulative_sum']!(floatData('cumsum', 'this', x!), data, m, n, 0);
    return { data, shape: x!.shape };
  },
  backward(gradient, [x], _saved, target) {
    const out = target(0);
    if (out !== undefined) ops['cumulative_sum']!(gradient, out, ...matrixOf(x!, 1), 1);
  },
};
