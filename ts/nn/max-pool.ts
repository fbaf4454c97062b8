import { type Pair, wholeLength, wholePair } from '../check.ts';
import * as operations from '../tensor/ops/pool.ts';
import type { Sides } from '../tensor/ops/window.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import {
  checkedMaxima,
  type CheckedPooling,
  type MaxPool1dOptions,
  type MaxPool2dOptions,
} from './pooling.ts';

abstract class MaxPool<Size extends Sides> extends Module {
  /** Taps of a window each way. */
  readonly kernelSize: Size;
  /** From one window to the next. */
  readonly stride: Size;
  /** What is put around, on each side. */
  readonly padding: Size;
  /** From one tap of a window to the next. */
  readonly dilation: Size;
  /** Whether a window counts that ends behind the padding. */
  readonly ceilMode: boolean;

  readonly #windows: CheckedPooling<Size>;

  protected constructor(windows: CheckedPooling<Size>) {
    super();
    this.#windows = windows;
    [this.kernelSize, this.stride, this.padding] = [windows.kernel, windows.stride, windows.padding];
    [this.dilation, this.ceilMode] = [windows.dilation, windows.ceilMode];
  }

  protected pooled(operation: typeof operations.maxPool2d, x: Tensor): Tensor {
    return apply(operation, [x], this.#windows);
  }
}

/** The maximum of each window of sequences [samples, channels, length]. */
export class MaxPool1d extends MaxPool<readonly [length: number]> {
  constructor(kernelSize: number, options: MaxPool1dOptions = {}) {
    super(checkedMaxima('nn.MaxPool1d', kernelSize, options, wholeLength));
  }

  override forward(x: Tensor): Tensor {
    return this.pooled(operations.maxPool1d, x);
  }
}

/** The maximum of each window of images [samples, channels, height, width]. */
export class MaxPool2d extends MaxPool<readonly [rows: number, columns: number]> {
  constructor(kernelSize: Pair, options: MaxPool2dOptions = {}) {
    super(checkedMaxima('nn.MaxPool2d', kernelSize, options, wholePair));
  }

  override forward(x: Tensor): Tensor {
    return this.pooled(operations.maxPool2d, x);
  }
}
