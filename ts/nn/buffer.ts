import type { DType } from '../tensor/dtype.ts';
import { allocateShared, allocateSharedInts } from '../tensor/memory.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** How a {@link Buffer} is made. */
export interface BufferOptions {
  /** Every element; 0 unless given. */
  readonly value?: number;
  /** float32 unless given. */
  readonly dtype?: DType;
  /** What it is called in a state; the name of its field unless given. */
  readonly key?: string;
}

/** A tensor of a model that it keeps, but does not learn: running statistics, masks. */
export class Buffer extends Tensor {
  /** What it is called in a state, if not by the name of its field. */
  readonly key: string | undefined;

  /** In memory that stays where it is. */
  constructor(shape: Shape, { value = 0, dtype = 'float32', key }: BufferOptions = {}) {
    const size = sizeOf(shape);
    const data = dtype === 'int32' ? allocateSharedInts(size) : allocateShared(dtype, size);
    data.fill(value);
    super({ data, shape, dtype, requiresGrad: false });
    this.key = key;
  }
}
