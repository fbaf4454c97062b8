import { conv2dPool, type SquareWindows } from '../tensor/ops/conv-pool.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { Conv2d } from './conv.ts';
import { MaxPool2d } from './max-pool.ts';
import type { Module } from './module.ts';
import { ReLU } from './activation.ts';

/** Layers in a row that one operation computes. */
interface Block {
  /** How many layers there are. */
  readonly length: number;
  /** What they give one after the other. */
  readonly forward: (x: Tensor) => Tensor;
}

/** Whether `layer` does what layers of `type` do: a class made of it may do something else. */
function isPlain<Layer extends Module>(
  layer: Module | undefined,
  type: { readonly prototype: Layer },
): layer is Layer {
  return layer !== undefined && layer.forward === type.prototype.forward;
}

/** What the windows of `pool` are, if they are square and lie wholly in an image without gaps. */
function squareWindows({
  kernelSize,
  stride,
  padding,
  dilation,
  ceilMode,
}: MaxPool2d): SquareWindows | undefined {
  const [[kernel, columns], [step, across]] = [kernelSize, stride];
  const plain = !ceilMode && padding.every((more) => more === 0) && dilation.every((apart) => apart === 1);
  return plain && kernel === columns && step === across ? { kernel, stride: step } : undefined;
}

/** The convolution, ReLU or none, and max pooling that begin at layer `start`, if they do. */
export function convolutionBlock(layers: readonly Module[], start: number): Block | undefined {
  const convolution = layers[start];
  if (!isPlain(convolution, Conv2d)) return undefined;
  const rectified = isPlain(layers[start + 1], ReLU);
  const length = rectified ? 3 : 2;
  const pool = layers[start + length - 1];
  const pooling = isPlain(pool, MaxPool2d) ? squareWindows(pool) : undefined;
  const { weight, bias, stride, padding, dilation, groups } = convolution;
  if (pooling === undefined || padding === 'same') return undefined;
  const attributes = { stride, padding, dilation, groups, pooling, rectified };
  const inputs = bias === null ? [weight] : [weight, bias];
  return { length, forward: (x) => apply(conv2dPool, [x, ...inputs], attributes) };
}
