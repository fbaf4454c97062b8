import type { FloatDType } from '../tensor/dtype.ts';
import { allocateShared } from '../tensor/memory.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** A tensor of a model that it keeps, but does not learn: running statistics, masks. */
export class Buffer extends Tensor {
  /** Full of `value`, in memory that stays where it is. */
  constructor(shape: Shape, value: number, dtype: FloatDType = 'float32') {
    const data = allocateShared(dtype, sizeOf(shape)).fill(value);
    super({ data, shape, dtype, requiresGrad: false });
  }
}
