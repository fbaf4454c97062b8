import { KnownKeys, type Pair, whole, wholeLength, wholePair } from '../check.ts';
import * as operations from '../tensor/ops/conv-transpose.ts';
import type { Sides } from '../tensor/ops/window.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDivides, type FilterOptions, filters } from './conv.ts';
import {
  checkedTransposed,
  type CheckedTransposed,
  convolveTransposed,
  type ConvTranspose1dOptions,
  type ConvTranspose2dOptions,
} from './convolve.ts';
import { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** Options of {@link ConvTranspose1d}. */
export interface ConvTranspose1dLayerOptions extends ConvTranspose1dOptions, FilterOptions {}

/** Options of {@link ConvTranspose2d}. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions, FilterOptions {}

const keys = new KnownKeys([
  'stride',
  'padding',
  'outputPadding',
  'groups',
  'dilation',
  'bias',
  'dtype',
  'generator',
]);

/** Sizes of a transposed convolution of `inChannels` channels, checked. */
interface Sizes<Size extends Sides> extends CheckedTransposed<Size> {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Size;
}

abstract class TransposedConvolution<Size extends Sides> extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Taps of a window each way. */
  readonly kernelSize: Size;
  /** From one window of the result to the next. */
  readonly stride: Size;
  /** What is left out of the result on each side. */
  readonly padding: Size;
  /** What the result has behind its last window. */
  readonly outputPadding: Size;
  /** From one tap of a window to the next. */
  readonly dilation: Size;
  /** Parts of the channels, each part of the result made of one of the input. */
  readonly groups: number;
  /** [inChannels, outChannels/groups, …kernelSize]. */
  readonly weight: Parameter;
  /** [outChannels], or null without a bias. */
  readonly bias: Parameter | null;

  protected constructor(owner: string, sizes: Sizes<Size>, options: FilterOptions) {
    super();
    const { inChannels, outChannels, kernelSize, groups } = sizes;
    this.inChannels = whole(owner, 'inChannels', inChannels, 1);
    this.outChannels = whole(owner, 'outChannels', outChannels, 1);
    this.kernelSize = kernelSize;
    [this.stride, this.padding, this.dilation] = [sizes.stride, sizes.padding, sizes.dilation];
    [this.outputPadding, this.groups] = [sizes.outputPadding, groups];
    checkDivides(owner, groups, [inChannels, outChannels]);
    const shape = [inChannels, outChannels / groups, ...kernelSize];
    [this.weight, this.bias] = filters(owner, shape, outChannels, options);
  }
}

/**
 * Each element of sequences [samples, inChannels, length] times the weights, added up where windows of the result
 * lie, plus the bias. The initial weights and biases are uniform within ±1/√(outChannels/groups·taps of a window),
 * as PyTorch draws them.
 *
 * @example
 * const twice = new ConvTranspose1d(8, 2, 4, { stride: 2, padding: 1 });
 */
export class ConvTranspose1d extends TransposedConvolution<readonly [length: number]> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dLayerOptions = {},
  ) {
    const owner = 'nn.ConvTranspose1d';
    keys.check(owner, options);
    const windows = checkedTransposed(owner, options, wholeLength);
    const taps = wholeLength(owner, 'kernelSize', kernelSize, 1);
    super(owner, { inChannels, outChannels, kernelSize: taps, ...windows }, options);
  }

  override forward(x: Tensor): Tensor {
    return convolveTransposed(operations.convTranspose1d, [x, this.weight, this.bias], this);
  }
}

/**
 * Each element of images [samples, inChannels, height, width] times the weights, added up where windows of the result
 * lie, plus the bias. The initial weights and biases are uniform within ±1/√(outChannels/groups·taps of a window),
 * as PyTorch draws them.
 *
 * @example
 * const twice = new ConvTranspose2d(16, 3, 4, { stride: 2, padding: 1 });
 */
export class ConvTranspose2d extends TransposedConvolution<readonly [rows: number, columns: number]> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: ConvTranspose2dLayerOptions = {},
  ) {
    const owner = 'nn.ConvTranspose2d';
    keys.check(owner, options);
    const windows = checkedTransposed(owner, options, wholePair);
    const taps = wholePair(owner, 'kernelSize', kernelSize, 1);
    super(owner, { inChannels, outChannels, kernelSize: taps, ...windows }, options);
  }

  override forward(x: Tensor): Tensor {
    return convolveTransposed(operations.convTranspose2d, [x, this.weight, this.bias], this);
  }
}
