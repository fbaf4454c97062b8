import { flag, KnownKeys, oneOf, type Pair, whole, wholePair } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { conv2d, type Conv2dOptions } from './functional.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of {@link Conv2d}. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Whether there is a bias; true unless given. */
  readonly bias?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
  /** Where the initial numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

const conv2dKeys = new KnownKeys(['stride', 'padding', 'dilation', 'groups', 'bias', 'dtype', 'generator']);

/**
 * The windows of images [samples, inChannels, height, width] times the weights, plus the bias.
 * The initial weights and biases are uniform within ±1/√(inChannels/groups·taps of a window), as PyTorch
 * draws them.
 *
 * @example
 * const stem = new Conv2d(3, 16, 3, { padding: 1 });
 * const depthwise = new Conv2d(16, 16, [1, 5], { padding: [0, 2], groups: 16 });
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Rows and columns of a window. */
  readonly kernelSize: readonly [rows: number, columns: number];
  /** From one window to the next. */
  readonly stride: readonly [rows: number, columns: number];
  /** Zeros around each image, on each side. */
  readonly padding: readonly [rows: number, columns: number];
  /** From one tap of a window to the next. */
  readonly dilation: readonly [rows: number, columns: number];
  /** Parts of the channels, each part of the result seeing one of the image. */
  readonly groups: number;
  /** [outChannels, inChannels/groups, rows, columns]. */
  readonly weight: Parameter;
  /** [outChannels], or null without a bias. */
  readonly bias: Parameter | null;

  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    super();
    const owner = 'nn.Conv2d';
    this.inChannels = whole(owner, 'inChannels', inChannels, 1);
    this.outChannels = whole(owner, 'outChannels', outChannels, 1);
    this.kernelSize = wholePair(owner, 'kernelSize', kernelSize, 1);
    conv2dKeys.check(owner, options);
    const { bias = true, dtype = 'float32', generator } = options;
    const { stride, padding, dilation, groups } = checkedWindows(owner, options);
    [this.stride, this.padding, this.dilation, this.groups] = [stride, padding, dilation, groups];
    checkDivides(owner, this.groups, [inChannels, outChannels]);
    flag(owner, 'bias', bias);
    oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
    const source = generatorFor(owner, generator);
    const window = [inChannels / this.groups, ...this.kernelSize];
    this.weight = new Parameter('weight', [outChannels, ...window], dtype);
    this.bias = bias ? new Parameter('bias', [outChannels], dtype) : null;
    const bound = 1 / Math.sqrt(window.reduce((product, factor) => product * factor));
    for (const parameter of [this.weight, this.bias]) parameter?.draw(source, bound);
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this;
    return conv2d(x, this.weight, this.bias, { stride, padding, dilation, groups });
  }
}

/** How windows lie, with what is left out. */
function checkedWindows(
  owner: string,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions,
): Pick<Conv2d, 'stride' | 'padding' | 'dilation' | 'groups'> {
  return {
    stride: wholePair(owner, 'stride', stride, 1),
    padding: wholePair(owner, 'padding', padding),
    dilation: wholePair(owner, 'dilation', dilation, 1),
    groups: whole(owner, 'groups', groups, 1),
  };
}

/** Throws unless `groups` divides both numbers of channels. */
function checkDivides(owner: string, groups: number, channels: readonly [number, number]): void {
  if (channels.every((count) => count % groups === 0)) return;
  const expected = `a divisor of inChannels and outChannels, ${channels.join(' and ')}`;
  throw new ArgumentError('ERR_OPTION', owner, 'groups', expected, groups);
}
