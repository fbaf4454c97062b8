import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  checkedPairOfParts,
  checkedParts,
  type PartsOfOne,
  type PartsOfTwo,
} from './pooling.ts';

/** The means of `outputSize` parts of sequences [samples, channels, length]. */
export class AdaptiveAvgPool1d extends Module {
  /** How many parts; null for as many as there are elements. */
  readonly outputSize: PartsOfOne;

  constructor(outputSize: PartsOfOne) {
    super();
    [this.outputSize] = checkedParts('nn.AdaptiveAvgPool1d', outputSize);
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}

/**
 * The means of `outputSize` parts of images [samples, channels, height, width]. Of 1 part: global average pooling.
 *
 * @example
 * const head = new Sequential(new AdaptiveAvgPool2d(1), new Flatten(), new Linear(64, 10));
 */
export class AdaptiveAvgPool2d extends Module {
  /** How many parts each way; null for as many as there are elements. */
  readonly outputSize: readonly [rows: PartsOfOne, columns: PartsOfOne];

  constructor(outputSize: PartsOfTwo) {
    super();
    this.outputSize = checkedPairOfParts('nn.AdaptiveAvgPool2d', outputSize);
  }

  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}

/** The maxima of `outputSize` parts of sequences [samples, channels, length]. */
export class AdaptiveMaxPool1d extends Module {
  /** How many parts; null for as many as there are elements. */
  readonly outputSize: PartsOfOne;

  constructor(outputSize: PartsOfOne) {
    super();
    [this.outputSize] = checkedParts('nn.AdaptiveMaxPool1d', outputSize);
  }

  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
}

/** The maxima of `outputSize` parts of images [samples, channels, height, width]. */
export class AdaptiveMaxPool2d extends Module {
  /** How many parts each way; null for as many as there are elements. */
  readonly outputSize: readonly [rows: PartsOfOne, columns: PartsOfOne];

  constructor(outputSize: PartsOfTwo) {
    super();
    this.outputSize = checkedPairOfParts('nn.AdaptiveMaxPool2d', outputSize);
  }

  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
}
