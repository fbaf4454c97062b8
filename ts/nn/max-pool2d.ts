import { KnownKeys, whole } from '../check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { maxPool2d, type MaxPool2dOptions } from './functional.ts';
import { Module } from './module.ts';

const maxPool2dKeys = new KnownKeys(['stride']);

/** The maximum of each square window of images [samples, channels, height, width]. */
export class MaxPool2d extends Module {
  /** Rows and columns of a window. */
  readonly kernelSize: number;
  /** From one window to the next, both ways. */
  readonly stride: number;

  constructor(kernelSize: number, options: MaxPool2dOptions = {}) {
    super();
    maxPool2dKeys.check('nn.MaxPool2d', options);
    this.kernelSize = whole('nn.MaxPool2d', 'kernelSize', kernelSize, 1);
    this.stride = whole('nn.MaxPool2d', 'stride', options.stride ?? kernelSize, 1);
  }

  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, { stride: this.stride });
  }
}
