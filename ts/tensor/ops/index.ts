import { type FloatArray, ops } from '../../native.ts';
import type { TensorArray } from '../dtype.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { sizeOf } from '../shape.ts';
import { allocateLike, intData, elementsOf } from '../value.ts';

/** The lengths before, along and behind an axis. */
function around({ shape }: Value, axis: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

function emptyLike(x: Value, size: number): TensorArray {
  return x.dtype === 'int32' ? allocateInts(size) : allocateLike(x, size);
}

/** Runs an entry, or that for whole numbers. */
function run(name: string, x: Value, order: Int32Array, data: TensorArray, dims: readonly number[]): void {
  const entry = x.dtype === 'int32' ? `${name}_labels` : name;
  ops[entry]!(elementsOf(name, 'this', x), order, data, ...dims);
}

function back(
  name: string,
  gradient: FloatArray,
  order: Value,
  out: FloatArray | undefined,
  dims: readonly number[],
): void {
  if (out === undefined) return;
  ops[`${name}_gradient`]!(gradient, intData(name, 'index', order), out, ...dims);
}

/** The slices of x along an axis that an order names. */
export const select: Operation<number> = {
  name: 'indexSelect',
  forward([x, order], axis) {
    const [outer, length, inner] = around(x!, axis);
    const places = intData('indexSelect', 'index', order!);
    const data = emptyLike(x!, outer * places.length * inner);
    run('select', x!, places, data, [outer, length, inner, places.length]);
    const shape = x!.shape.toSpliced(axis, 1, ...order!.shape);
    return { data, shape, saved: { arrays: [], numbers: [axis] } };
  },
  backward(gradient, [x, order], { numbers: [axis] }, target) {
    back('select', gradient, order!, target(0), [...around(x!, axis!), order!.size]);
  },
};

/** The element of x along an axis that an order of the same rank names at each place. */
export const take: Operation<number> = {
  name: 'gather',
  forward([x, order], axis) {
    const [outer, length, inner] = around(x!, axis);
    const places = intData('gather', 'index', order!);
    const data = emptyLike(x!, places.length);
    run('take', x!, places, data, [outer, length, inner, order!.shape[axis]!]);
    return { data, shape: order!.shape, saved: { arrays: [], numbers: [axis] } };
  },
  backward(gradient, [x, order], { numbers: [axis] }, target) {
    back('take', gradient, order!, target(0), [...around(x!, axis!), order!.shape[axis!]!]);
  },
};

/** The elements along an axis in reverse order. */
export const flip: Operation<number> = {
  name: 'flip',
  forward([x], axis) {
    const dims = around(x!, axis);
    const data = emptyLike(x!, x!.size);
    run('select', x!, reversed(dims[1]), data, [...dims, dims[1]]);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: [axis] } };
  },
  backward(gradient, [x], { numbers: [axis] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const dims = around(x!, axis!);
    ops['select']!(gradient, reversed(dims[1]), out, ...dims, dims[1]);
  },
};

/** n − 1 … 0; a captured function takes it for a constant. */
function reversed(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => length - 1 - i);
}
