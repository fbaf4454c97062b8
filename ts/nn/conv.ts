import { flag, KnownKeys, oneOf, type Pair, whole, wholeLength, wholePair } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import * as operations from '../tensor/ops/conv.ts';
import type { Sides } from '../tensor/ops/window.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  checkedWindows,
  type CheckedWindows,
  type Conv1dOptions,
  type Conv2dOptions,
  convolve,
} from './convolve.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** What layers that convolve may be given beside their windows. */
export interface FilterOptions {
  /** Whether there is a bias; true unless given. */
  readonly bias?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
  /** Where the initial numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

/** Options of {@link Conv1d}. */
export interface Conv1dLayerOptions extends Conv1dOptions, FilterOptions {}

/** Options of {@link Conv2d}. */
export interface Conv2dLayerOptions extends Conv2dOptions, FilterOptions {}

const keys = new KnownKeys(['stride', 'padding', 'dilation', 'groups', 'bias', 'dtype', 'generator']);

/** Throws unless `groups` divides both numbers of channels. */
export function checkDivides(owner: string, groups: number, channels: readonly [number, number]): void {
  if (channels.every((count) => count % groups === 0)) return;
  const expected = `a divisor of inChannels and outChannels, ${channels.join(' and ')}`;
  throw new ArgumentError('ERR_OPTION', owner, 'groups', expected, groups);
}

/** A weight of this shape and one bias for each of `channels`, or none, uniform within ±1/√(what a window sees). */
export function filters(
  owner: string,
  shape: Sides,
  channels: number,
  { bias = true, dtype = 'float32', generator }: FilterOptions,
): [weight: Parameter, bias: Parameter | null] {
  flag(owner, 'bias', bias);
  oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
  const source = generatorFor(owner, generator);
  const weight = new Parameter('weight', shape, dtype);
  const shift = bias ? new Parameter('bias', [channels], dtype) : null;
  const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, factor) => product * factor));
  for (const parameter of [weight, shift]) parameter?.draw(source, bound);
  return [weight, shift];
}

/** Sizes of a convolution of `inChannels` channels, checked. */
interface Sizes<Size extends Sides> extends CheckedWindows<Size> {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Size;
}

abstract class Convolution<Size extends Sides> extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Taps of a window each way. */
  readonly kernelSize: Size;
  /** From one window to the next. */
  readonly stride: Size;
  /** Zeros around, on each side; `same` for one more behind than before. */
  readonly padding: Size | 'same';
  /** From one tap of a window to the next. */
  readonly dilation: Size;
  /** Parts of the channels, each part of the result seeing one of the input. */
  readonly groups: number;
  /** [outChannels, inChannels/groups, …kernelSize]. */
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
    this.groups = groups;
    checkDivides(owner, groups, [inChannels, outChannels]);
    const shape = [outChannels, inChannels / groups, ...kernelSize];
    [this.weight, this.bias] = filters(owner, shape, outChannels, options);
  }
}

/**
 * The windows of sequences [samples, inChannels, length] times the weights, plus the bias. The initial weights and
 * biases are uniform within ±1/√(inChannels/groups·taps of a window), as PyTorch draws them.
 *
 * @example
 * const smooth = new Conv1d(2, 8, 5, { padding: 'same' });
 */
export class Conv1d extends Convolution<readonly [length: number]> {
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv1dLayerOptions = {}) {
    const owner = 'nn.Conv1d';
    keys.check(owner, options);
    const windows = checkedWindows(owner, options, wholeLength);
    const taps = wholeLength(owner, 'kernelSize', kernelSize, 1);
    super(owner, { inChannels, outChannels, kernelSize: taps, ...windows }, options);
  }

  override forward(x: Tensor): Tensor {
    return convolve(operations.conv1d, [x, this.weight, this.bias], this);
  }
}

/**
 * The windows of images [samples, inChannels, height, width] times the weights, plus the bias. The initial weights
 * and biases are uniform within ±1/√(inChannels/groups·taps of a window), as PyTorch draws them.
 *
 * @example
 * const stem = new Conv2d(3, 16, 3, { padding: 1 });
 * const depthwise = new Conv2d(16, 16, [1, 5], { padding: [0, 2], groups: 16 });
 */
export class Conv2d extends Convolution<readonly [rows: number, columns: number]> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    const owner = 'nn.Conv2d';
    keys.check(owner, options);
    const windows = checkedWindows(owner, options, wholePair);
    const taps = wholePair(owner, 'kernelSize', kernelSize, 1);
    super(owner, { inChannels, outChannels, kernelSize: taps, ...windows }, options);
  }

  override forward(x: Tensor): Tensor {
    return convolve(operations.conv2d, [x, this.weight, this.bias], this);
  }
}
