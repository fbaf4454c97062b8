import { type FloatArray, ops } from '../../native.ts';
import type { TensorArray } from '../dtype.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { allocateLike, elementsOf } from '../value.ts';
import { stridesOf, viewDims } from '../view.ts';

/** An array for a result, full of `value`. */
function filled(like: Value, size: number, value: number): TensorArray {
  const whole = like.dtype === 'int32';
  const data = whole ? allocateInts(size) : allocateLike(like, size);
  ops[whole ? 'set_labels' : 'set']!(data, size, value);
  return data;
}

/** Writes `x` into the part of `data`, of shape `whole`, that starts at `starts`. */
function write(
  x: TensorArray,
  part: Shape,
  data: TensorArray,
  whole: Shape,
  starts: readonly number[],
): void {
  const strides = stridesOf(whole);
  const offset = starts.reduce((at, start, axis) => at + start * strides[axis]!, 0);
  const entry = data instanceof Int32Array ? 'write_view_labels' : 'write_view';
  ops[entry]!(x, data, data.length, ...viewDims({ offset, strides }, part));
}

/** Reads that part back. */
function read(data: FloatArray, whole: Shape, starts: readonly number[], part: Shape, out: FloatArray): void {
  const strides = stridesOf(whole);
  const offset = starts.reduce((at, start, axis) => at + start * strides[axis]!, 0);
  ops['view']!(data, out, data.length, ...viewDims({ offset, strides }, part));
}

const along = (rank: number, axis: number, start: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? start : 0));

/** Tensors one behind the other along an axis. */
export const concat: Operation<number> = {
  name: 'concat',
  forward(inputs, axis) {
    const [first] = inputs;
    const length = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const shape = first!.shape.with(axis, length);
    const data = filled(first!, sizeOf(shape), 0);
    let start = 0;
    inputs.forEach((input, i) => {
      if (input.size > 0) {
        const x = elementsOf('concat', `tensors[${i}]`, input);
        write(x, input.shape, data, shape, along(shape.length, axis, start));
      }
      start += input.shape[axis]!;
    });
    return { data, shape, saved: { arrays: [], numbers: [axis, length] } };
  },
  backward(gradient, inputs, { numbers: [axis, length] }, target) {
    const whole = inputs[0]!.shape.with(axis!, length!);
    let start = 0;
    inputs.forEach(({ shape }, i) => {
      const out = target(i);
      if (out !== undefined) read(gradient, whole, along(shape.length, axis!, start), shape, out);
      start += shape[axis!]!;
    });
  },
};

/** How a tensor is padded: elements before and behind, along each axis. */
export interface PadAttributes {
  readonly before: readonly number[];
  readonly behind: readonly number[];
  readonly value: number;
}

/** A tensor amid a constant. */
export const pad: Operation<PadAttributes> = {
  name: 'pad',
  forward([x], { before, behind, value }) {
    const shape = x!.shape.map((length, axis) => length + before[axis]! + behind[axis]!);
    const data = filled(x!, sizeOf(shape), value);
    if (x!.size > 0) write(elementsOf('pad', 'this', x!), x!.shape, data, shape, before);
    return { data, shape, saved: { arrays: [], numbers: [...before, ...shape] } };
  },
  backward(gradient, [x], { numbers }, target) {
    const out = target(0);
    if (out === undefined) return;
    const rank = x!.shape.length;
    read(gradient, numbers.slice(rank), numbers.slice(0, rank), x!.shape, out);
  },
};
