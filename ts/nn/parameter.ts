import type { Generator } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import { allocateShared } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { floatData } from '../tensor/value.ts';

/** What a parameter is for: what decides whether it is decayed and penalized by default. */
export type ParameterKind = 'weight' | 'bias' | 'norm' | 'embedding' | 'head' | 'slope';

/** A tensor that a model learns. It and its gradient lie in an arena, and stay where they are. */
export class Parameter extends Tensor {
  readonly kind: ParameterKind;

  /** A parameter of zeros. */
  constructor(kind: ParameterKind, shape: Shape, dtype: FloatDType = 'float32') {
    super({ data: allocateShared(dtype, sizeOf(shape)), shape, dtype, requiresGrad: true });
    this.kind = kind;
  }

  /** Fills it with numbers uniform within ±`bound`. */
  draw(generator: Generator, bound: number): void {
    generator.uniform(floatData('parameter', 'this', this), -bound, bound);
  }
}
