import { ArgumentError } from '../errors.ts';
import type { FloatArray } from '../native.ts';
import type { DType, FloatDType, TensorArray } from './dtype.ts';
import { allocate } from './memory.ts';
import type { TapeNode } from './tape.ts';

/** Lengths of the axes, outermost first; empty for a scalar. */
export type Shape = readonly number[];

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** `[2, 3]`, as errors show it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** What operations see of a tensor: its memory and its place on the tape. */
export abstract class Value {
  readonly data: TensorArray;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The operation that made it, if one of its inputs has a gradient. */
  readonly node: TapeNode | undefined;
  /** How often it was changed in place: what a tape must not have missed. */
  version = 0;

  protected constructor(data: TensorArray, shape: Shape, dtype: DType, node: TapeNode | undefined) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
    this.node = node;
  }

  /** Whether gradients flow to or through it. */
  abstract get tracked(): boolean;

  /** The gradient of a leaf, as an array; undefined until a backward pass reached it. */
  abstract gradientArray(): FloatArray | undefined;

  /** Makes `gradientStorage()` the gradient of this leaf and returns it; its contents are stale. */
  abstract claimGradient(): FloatArray;
}

/** The elements of a tensor of floating-point numbers. */
export function floatData(owner: string, name: string, value: Value): FloatArray {
  if (value.data instanceof Int32Array) {
    throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor of float32 or float64', 'one of int32');
  }
  return value.data;
}

/** The precision of a tensor of floating-point numbers. */
export function floatDType(value: Value): FloatDType {
  return value.dtype === 'float64' ? 'float64' : 'float32';
}

/** A fresh array for `length` elements in the precision of `like`. */
export function allocateLike(like: Value, length: number): FloatArray {
  return allocate(floatDType(like), length);
}
