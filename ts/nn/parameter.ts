import type { FloatDType } from '../tensor/dtype.ts';
import { allocateShared } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';

/** What a parameter is for: what decides whether it is decayed and penalized by default. */
export type ParameterKind = 'weight' | 'bias' | 'norm' | 'embedding' | 'head';

/** A tensor that a model learns. It and its gradient lie in an arena, and stay where they are. */
export class Parameter extends Tensor {
  readonly kind: ParameterKind;

  /** A parameter of zeros. */
  constructor(kind: ParameterKind, shape: Shape, dtype: FloatDType = 'float32') {
    super({ data: allocateShared(dtype, sizeOf(shape)), shape, dtype, requiresGrad: true });
    this.kind = kind;
  }
}
