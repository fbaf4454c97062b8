import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { recording } from '../recorder.ts';
import type { FloatDType, TensorArray } from './dtype.ts';
import type { Value } from './graph.ts';
import { allocate, allocateInts } from './memory.ts';
import { endOf, isPacked, type View, viewDims } from './view.ts';
import type { Shape } from './shape.ts';

/** The elements of a tensor of floating-point numbers, row by row: its own array, or a copy of a view. */
export function floatData(owner: string, name: string, value: Value): FloatArray {
  const { dtype } = value;
  if (dtype === 'int32') {
    throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor of float32 or float64', 'one of int32');
  }
  return elementsOf(owner, name, value) as FloatArray;
}

/** The elements of a tensor of whole numbers, row by row. */
export function intData(owner: string, name: string, value: Value): Int32Array {
  if (value.dtype !== 'int32') {
    const fix = "Comparisons give one; to('int32') and tensor(Int32Array.from(numbers)) make one.";
    throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor of int32', `one of ${value.dtype}`, fix);
  }
  return elementsOf(owner, name, value) as Int32Array;
}

/** The elements of a tensor of any type, row by row. */
export function elementsOf(owner: string, name: string, value: Value): TensorArray {
  const { array, view, shape } = value;
  const end = view === undefined ? value.size : endOf(view, shape);
  if (view === undefined ? array.length !== end : array.length < end) {
    const fix = 'The buffer under it was transferred to another thread or resized.';
    const [expected, got] = ['a tensor whose memory is there', 'a detached one'];
    throw new ArgumentError('ERR_DETACHED', owner, name, expected, got, fix);
  }
  if (view === undefined) return array;
  // While a function is captured a part of an array would be an array that nobody has seen yet.
  if (recording.now === undefined && isPacked(view, shape)) {
    return array.subarray(view.offset, view.offset + value.size);
  }
  return seen(array, view, shape);
}

/** The array of a tensor that is to be written into: a view has none. */
export function ownData(owner: string, name: string, value: Value): FloatArray {
  if (value.view === undefined) return floatData(owner, name, value);
  const [expected, got] = ['a tensor over memory of its own', 'a view'];
  throw new ArgumentError('ERR_TYPE', owner, name, expected, got, 'Copy it with contiguous().');
}

/** What a view of `array` sees, in order. */
export function seen(array: TensorArray, view: View, shape: Shape): TensorArray {
  const size = shape.reduce((product, length) => product * length, 1);
  if (array instanceof Int32Array) {
    const out = allocateInts(size);
    ops['view_labels']!(array, out, array.length, ...viewDims(view, shape));
    return out;
  }
  const out = allocate(array instanceof Float64Array ? 'float64' : 'float32', size);
  ops['view']!(array, out, array.length, ...viewDims(view, shape));
  return out;
}

/** The precision of a tensor of floating-point numbers. */
export function floatDType(value: Value): FloatDType {
  return value.dtype === 'float64' ? 'float64' : 'float32';
}

/** A fresh array for `length` elements in the precision of `like`. */
export function allocateLike(like: Value, length: number): FloatArray {
  return allocate(floatDType(like), length);
}
