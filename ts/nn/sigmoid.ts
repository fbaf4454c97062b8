import type { Tensor } from '../tensor/tensor.ts';
import { sigmoid } from './functional.ts';
import { Module } from './module.ts';

/** 1/(1 + e⁻ˣ), elementwise. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
