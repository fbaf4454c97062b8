import type { Tensor } from '../tensor/tensor.ts';
import { flatten } from './functional.ts';
import { Module } from './module.ts';

/** The same elements as [samples, everything else]: what stands between convolutions and a linear layer. */
export class Flatten extends Module {
  override forward(x: Tensor): Tensor {
    return flatten(x);
  }
}
