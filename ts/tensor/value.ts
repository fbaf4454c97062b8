import { ArgumentError } from '../errors.ts';
import type { FloatArray } from '../native.ts';
import type { FloatDType, TensorArray } from './dtype.ts';
import type { Value } from './graph.ts';
import { allocate } from './memory.ts';

/** The elements of a tensor of floating-point numbers. */
export function floatData(owner: string, name: string, value: Value): FloatArray {
  const { array: data } = value;
  if (data instanceof Int32Array) {
    throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor of float32 or float64', 'one of int32');
  }
  return attached(owner, name, value, data);
}

/** The elements of a tensor of whole numbers. */
export function intData(owner: string, name: string, value: Value): Int32Array {
  const { array: data } = value;
  if (!(data instanceof Int32Array)) {
    throw new ArgumentError(
      'ERR_TYPE',
      owner,
      name,
      'an int32 tensor, as comparisons give',
      `one of ${value.dtype}`,
    );
  }
  return attached(owner, name, value, data);
}

function attached<Data extends TensorArray>(owner: string, name: string, { size }: Value, data: Data): Data {
  if (data.length === size) return data;
  const fix = 'The buffer under it was transferred to another thread or resized.';
  throw new ArgumentError(
    'ERR_DETACHED',
    owner,
    name,
    'a tensor whose memory is there',
    'a detached one',
    fix,
  );
}

/** The precision of a tensor of floating-point numbers. */
export function floatDType(value: Value): FloatDType {
  return value.dtype === 'float64' ? 'float64' : 'float32';
}

/** A fresh array for `length` elements in the precision of `like`. */
export function allocateLike(like: Value, length: number): FloatArray {
  return allocate(floatDType(like), length);
}
