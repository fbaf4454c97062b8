import type { FloatArray } from '../native.ts';

/** Element types of tensors. */
export type DType = 'float32' | 'float64' | 'int32';

/** Element types that have gradients. */
export type FloatDType = 'float32' | 'float64';

/** The arrays that tensors lie over. */
export type TensorArray = FloatArray | Int32Array;

/** The array type of each element type. */
export const arrayTypes: {
  readonly float32: Float32ArrayConstructor;
  readonly float64: Float64ArrayConstructor;
  readonly int32: Int32ArrayConstructor;
} = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/** The element type of `data`, or undefined if it is of none that tensors have. */
export function dtypeOf(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  return undefined;
}
