import { flag, KnownKeys, oneOf, whole } from '../check.ts';
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

const conv2dKeys = new KnownKeys(['stride', 'padding', 'bias', 'dtype', 'generator']);

/**
 * The square windows of images [samples, inChannels, height, width] times the weights, plus the bias.
 * The initial weights and biases are uniform within ±1/√(inChannels·kernelSize²), as PyTorch draws them.
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Rows and columns of a window. */
  readonly kernelSize: number;
  /** From one window to the next, both ways. */
  readonly stride: number;
  /** Zeros around each image, on each side. */
  readonly padding: number;
  /** [outChannels, inChannels, kernelSize, kernelSize]. */
  readonly weight: Parameter;
  /** [outChannels], or null without a bias. */
  readonly bias: Parameter | null;

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv2dLayerOptions = {}) {
    super();
    const owner = 'nn.Conv2d';
    this.inChannels = whole(owner, 'inChannels', inChannels, 1);
    this.outChannels = whole(owner, 'outChannels', outChannels, 1);
    this.kernelSize = whole(owner, 'kernelSize', kernelSize, 1);
    conv2dKeys.check(owner, options);
    const { stride = 1, padding = 0, bias = true, dtype = 'float32', generator } = options;
    this.stride = whole(owner, 'stride', stride, 1);
    this.padding = whole(owner, 'padding', padding);
    flag(owner, 'bias', bias);
    oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
    const source = generatorFor(owner, generator);
    this.weight = new Parameter('weight', [outChannels, inChannels, kernelSize, kernelSize], dtype);
    this.bias = bias ? new Parameter('bias', [outChannels], dtype) : null;
    const bound = 1 / Math.sqrt(inChannels * kernelSize * kernelSize);
    for (const parameter of [this.weight, this.bias]) parameter?.draw(source, bound);
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding } = this;
    return conv2d(x, this.weight, this.bias, { stride, padding });
  }
}
