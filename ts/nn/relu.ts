import type { Tensor } from '../tensor/tensor.ts';
import { relu } from './functional.ts';
import { Module } from './module.ts';

/** max(x, 0), elementwise. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}
