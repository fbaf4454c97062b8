import type { Tensor } from '../tensor/tensor.ts';
import { tanh } from './functional.ts';
import { Module } from './module.ts';

/** tanh x, elementwise. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
