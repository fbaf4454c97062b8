/** The one place that allocates memory for tensors. */
import type { FloatArray } from '../native.ts';
import { recording } from '../recorder.ts';
import { arrayTypes, type FloatDType, type TensorArray } from './dtype.ts';

/** Where the next small array of a kind of memory is cut from. */
interface Slab<Memory extends ArrayBufferLike> {
  memory: Memory;
  used: number;
}

const ALIGN = 64; // bytes: one cache line, one AVX-512 register
const SLAB_BYTES = 64 * 1024;
/** Larger arrays get memory of their own; a view of a slab is 2 to 4 times cheaper below (bench/RESULTS.md). */
const SMALL_BYTES = 4096;
const ARENA_BYTES = 1024 * 1024;

const slab: Slab<ArrayBuffer> = { memory: new ArrayBuffer(0), used: 0 };
const arena: Slab<SharedArrayBuffer> = { memory: new SharedArrayBuffer(0), used: 0 };

/**
 * A zeroed array for a result. Small ones are views of a common buffer, which the garbage
 * collector frees when the last of them dies.
 */
export function allocate(dtype: FloatDType, length: number): FloatArray {
  const array = allocateKept(dtype, length);
  recording.now?.made(array);
  return array;
}

/** The same for what outlives the function that a recording captures. */
export function allocateKept(dtype: FloatDType, length: number): FloatArray {
  const type = arrayTypes[dtype];
  const bytes = length * type.BYTES_PER_ELEMENT;
  if (bytes > SMALL_BYTES) return new type(length);
  if (slab.used + bytes > slab.memory.byteLength) {
    slab.memory = new ArrayBuffer(SLAB_BYTES);
    slab.used = 0;
  }
  const offset = slab.used;
  slab.used = offset + Math.ceil(bytes / ALIGN) * ALIGN;
  return new type(slab.memory, offset, length);
}

/**
 * A zeroed array in an arena: shared memory, which cannot be detached or moved, which workers and
 * asynchronous runs see, and in which the parameters of a model lie side by side.
 */
export function allocateShared(dtype: FloatDType, length: number): FloatArray {
  const { memory, offset } = reserve(length * arrayTypes[dtype].BYTES_PER_ELEMENT);
  return dtype === 'float64'
    ? new Float64Array(memory, offset, length)
    : new Float32Array(memory, offset, length);
}

/** Labels or indices in an arena. */
export function allocateSharedInts(length: number): Int32Array {
  const { memory, offset } = reserve(4 * length);
  return new Int32Array(memory, offset, length);
}

/** The next `bytes` of the arena, or of a new one. */
function reserve(bytes: number): { readonly memory: SharedArrayBuffer; readonly offset: number } {
  const padded = Math.ceil(bytes / ALIGN) * ALIGN;
  if (arena.used + padded > arena.memory.byteLength) {
    arena.memory = new SharedArrayBuffer(Math.max(ARENA_BYTES, padded));
    arena.used = 0;
  }
  const offset = arena.used;
  arena.used += padded;
  return { memory: arena.memory, offset };
}

/** Labels or indices for a result. */
export function allocateInts(length: number): Int32Array {
  const array = new Int32Array(length);
  recording.now?.made(array);
  return array;
}

/** `data` itself if it lies in shared memory, else a copy of it that does. */
export function intoShared(data: TensorArray): TensorArray {
  return data.buffer instanceof SharedArrayBuffer ? data : copyShared(data);
}

/** A copy of `data` in an arena. */
export function copyShared(data: TensorArray): TensorArray {
  const copy =
    data instanceof Int32Array
      ? allocateSharedInts(data.length)
      : allocateShared(data instanceof Float64Array ? 'float64' : 'float32', data.length);
  copy.set(data);
  return copy;
}
