import { type Pair, wholeLength, wholePair } from '../check.ts';
import * as operations from '../tensor/ops/avg-pool.ts';
import type { Sides } from '../tensor/ops/window.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import {
  type AvgPool1dOptions,
  type AvgPool2dOptions,
  type CheckedAveraging,
  checkedMeans,
} from './pooling.ts';

abstract class AvgPool<Size extends Sides> extends Module {
  /** Taps of a window each way. */
  readonly kernelSize: Size;
  /** From one window to the next. */
  readonly stride: Size;
  /** Zeros around, on each side. */
  readonly padding: Size;
  /** From one tap of a window to the next. */
  readonly dilation: Size;
  /** Whether a window counts that ends behind the padding. */
  readonly ceilMode: boolean;
  /** Whether the zeros around are counted. */
  readonly countIncludePad: boolean;
  readonly #windows: CheckedAveraging<Size>;

  protected constructor(windows: CheckedAveraging<Size>) {
    super();
    this.#windows = windows;
    [this.kernelSize, this.stride, this.padding] = [windows.kernel, windows.stride, windows.padding];
    [this.dilation, this.ceilMode] = [windows.dilation, windows.ceilMode];
    this.countIncludePad = windows.countIncludePad;
  }

  protected pooled(operation: typeof operations.avgPool2d, x: Tensor): Tensor {
    return apply(operation, [x], this.#windows);
  }
}

/** The mean of each window of sequences [samples, channels, length]. */
export class AvgPool1d extends AvgPool<readonly [length: number]> {
  constructor(kernelSize: number, options: AvgPool1dOptions = {}) {
    super(checkedMeans('nn.AvgPool1d', kernelSize, options, wholeLength));
  }

  override forward(x: Tensor): Tensor {
    return this.pooled(operations.avgPool1d, x);
  }
}

/** The mean of each window of images [samples, channels, height, width]. */
export class AvgPool2d extends AvgPool<readonly [rows: number, columns: number]> {
  constructor(kernelSize: Pair, options: AvgPool2dOptions = {}) {
    super(checkedMeans('nn.AvgPool2d', kernelSize, options, wholePair));
  }

  override forward(x: Tensor): Tensor {
    return this.pooled(operations.avgPool2d, x);
  }
}
