/** Pooling over windows, as functions of tensors. */
import { flag, KnownKeys, type Pair, whole, wholeLength, wholePair } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import * as adaptive from '../tensor/ops/adaptive-pool.ts';
import * as avg from '../tensor/ops/avg-pool.ts';
import * as max from '../tensor/ops/pool.ts';
import type { Sides, Windows } from '../tensor/ops/window.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import type { Measure } from './convolve.ts';

/** Options of pooling, whose sizes are of this type. */
interface PoolOptions<Size> {
  /** From one window to the next; the size of a window unless given. */
  readonly stride?: Size;
  /** What is put around, on each side, less than a window; 0 unless given. */
  readonly padding?: Size;
  /** From one tap of a window to the next; 1 unless given. */
  readonly dilation?: Size;
  /** Whether a window counts that ends behind the padding but begins before it; false unless given. */
  readonly ceilMode?: boolean;
}

interface AvgPoolOptions<Size> extends PoolOptions<Size> {
  /** Whether the zeros around are counted; true unless given. */
  readonly countIncludePad?: boolean;
}

/** Options of {@link maxPool1d}. */
export type MaxPool1dOptions = PoolOptions<number>;

/** Options of {@link maxPool2d}: sizes are for both ways, or [rows, columns]. */
export type MaxPool2dOptions = PoolOptions<Pair>;

/** Options of {@link avgPool1d}. */
export type AvgPool1dOptions = AvgPoolOptions<number>;

/** Options of {@link avgPool2d}: sizes are for both ways, or [rows, columns]. */
export interface AvgPool2dOptions extends AvgPoolOptions<Pair> {
  /** What sums are divided by, in place of how many elements there are, which it is unless given. */
  readonly divisorOverride?: number;
}

const maxKeys = new KnownKeys(['stride', 'padding', 'dilation', 'ceilMode']);
const avgKeys = new KnownKeys(['stride', 'padding', 'dilation', 'ceilMode', 'countIncludePad']);
const avg2dKeys = new KnownKeys([
  'stride',
  'padding',
  'dilation',
  'ceilMode',
  'countIncludePad',
  'divisorOverride',
]);

/** Windows of these sizes, checked, an entry for each axis. */
export interface CheckedPooling<Size extends Sides> extends Windows {
  readonly kernel: Size;
  readonly stride: Size;
  readonly padding: Size;
  readonly dilation: Size;
  readonly ceilMode: boolean;
}

/** The same, and what sums are divided by. */
export type CheckedAveraging<Size extends Sides> = CheckedPooling<Size> & {
  readonly countIncludePad: boolean;
  readonly divisor: number;
};

function checkedPooling<Size extends Sides>(
  owner: string,
  kernelSize: Pair,
  options: PoolOptions<Pair>,
  measure: Measure<Size>,
): CheckedPooling<Size> {
  const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
  const checked = {
    kernel: measure(owner, 'kernelSize', kernelSize, 1),
    stride: measure(owner, 'stride', stride, 1),
    padding: measure(owner, 'padding', padding),
    dilation: measure(owner, 'dilation', dilation, 1),
    ceilMode: flag(owner, 'ceilMode', ceilMode),
  };
  const reach = checked.kernel.map((taps, i) => checked.dilation[i]! * (taps - 1) + 1);
  if (checked.padding.every((more, i) => more < reach[i]!)) return checked;
  const expected = `less than a window, [${reach.join(', ')}]`;
  throw new ArgumentError('ERR_OPTION', owner, 'padding', expected, `[${checked.padding.join(', ')}]`);
}

/** Windows for maxima, checked, with what is left out. */
export function checkedMaxima<Size extends Sides>(
  owner: string,
  kernelSize: Pair,
  options: PoolOptions<Pair>,
  measure: Measure<Size>,
): CheckedPooling<Size> {
  maxKeys.check(owner, options);
  return checkedPooling(owner, kernelSize, options, measure);
}

/** Windows for means, checked, with what is left out. */
export function checkedMeans<Size extends Sides>(
  owner: string,
  kernelSize: Pair,
  options: AvgPoolOptions<Pair> & Pick<AvgPool2dOptions, 'divisorOverride'>,
  measure: Measure<Size>,
): CheckedAveraging<Size> {
  const windows = checkedPooling(owner, kernelSize, options, measure);
  (windows.kernel.length === 1 ? avgKeys : avg2dKeys).check(owner, options);
  const { countIncludePad = true, divisorOverride } = options;
  flag(owner, 'countIncludePad', countIncludePad);
  const divisor = divisorOverride === undefined ? 0 : whole(owner, 'divisorOverride', divisorOverride, 1);
  return { ...windows, countIncludePad, divisor };
}

/**
 * The maximum of each window of `kernelSize` elements of sequences. The gradient goes to the first of equal maxima;
 * NaN is larger than any number, padding smaller.
 *
 * @param x [samples, channels, length].
 */
export function maxPool1d(x: Tensor, kernelSize: number, options: MaxPool1dOptions = {}): Tensor {
  return apply(max.maxPool1d, [x], checkedMaxima('maxPool1d', kernelSize, options, wholeLength));
}

/**
 * The maximum of each window of `kernelSize` rows and columns of images. The gradient goes to the first of equal
 * maxima; NaN is larger than any number, padding smaller.
 *
 * @param x [samples, channels, height, width].
 */
export function maxPool2d(x: Tensor, kernelSize: Pair, options: MaxPool2dOptions = {}): Tensor {
  return apply(max.maxPool2d, [x], checkedMaxima('maxPool2d', kernelSize, options, wholePair));
}

/**
 * The mean of each window of `kernelSize` elements of sequences.
 *
 * @param x [samples, channels, length].
 */
export function avgPool1d(x: Tensor, kernelSize: number, options: AvgPool1dOptions = {}): Tensor {
  return apply(avg.avgPool1d, [x], checkedMeans('avgPool1d', kernelSize, options, wholeLength));
}

/**
 * The mean of each window of `kernelSize` rows and columns of images.
 *
 * @param x [samples, channels, height, width].
 */
export function avgPool2d(x: Tensor, kernelSize: Pair, options: AvgPool2dOptions = {}): Tensor {
  return apply(avg.avgPool2d, [x], checkedMeans('avgPool2d', kernelSize, options, wholePair));
}

/** How many parts each way: a number, or null for as many as there are elements. */
export type PartsOfOne = number | null;

/** The same for rows and columns: one for both, or [rows, columns]. */
export type PartsOfTwo = PartsOfOne | readonly [rows: PartsOfOne, columns: PartsOfOne];

/** Throws unless `outputSize` is such a number. */
export function checkedParts(owner: string, outputSize: PartsOfOne): readonly [PartsOfOne] {
  return [outputSize === null ? null : whole(owner, 'outputSize', outputSize, 1)];
}

/** Throws unless `outputSize` is such a number, or two of them. */
export function checkedPairOfParts(owner: string, outputSize: PartsOfTwo): readonly [PartsOfOne, PartsOfOne] {
  if (!Array.isArray(outputSize)) {
    const [both] = checkedParts(owner, outputSize as PartsOfOne);
    return [both, both];
  }
  const numbers = outputSize.map((count: PartsOfOne) => count ?? 1);
  wholePair(owner, 'outputSize', numbers as [number, number], 1);
  return outputSize as [PartsOfOne, PartsOfOne];
}

/**
 * The means of `outputSize` parts of sequences, as even as they can be: part i of n reaches from ⌊i·length/n⌋ to
 * ⌈(i + 1)·length/n⌉, so that parts overlap where n does not divide the length.
 *
 * @param x [samples, channels, length].
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: PartsOfOne): Tensor {
  return apply(adaptive.adaptiveAvgPool1d, [x], {
    outputSize: checkedParts('adaptiveAvgPool1d', outputSize),
  });
}

/**
 * The means of `outputSize` parts of images, each way as even as they can be: part i of n reaches from ⌊i·size/n⌋
 * to ⌈(i + 1)·size/n⌉. Of 1 part: the mean of each channel, known as global average pooling.
 *
 * @param x [samples, channels, height, width].
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: PartsOfTwo): Tensor {
  const parts = checkedPairOfParts('adaptiveAvgPool2d', outputSize);
  return apply(adaptive.adaptiveAvgPool2d, [x], { outputSize: parts });
}

/**
 * The maxima of the parts that {@link adaptiveAvgPool1d} cuts sequences into. The gradient goes to the first of
 * equal maxima.
 *
 * @param x [samples, channels, length].
 */
export function adaptiveMaxPool1d(x: Tensor, outputSize: PartsOfOne): Tensor {
  return apply(adaptive.adaptiveMaxPool1d, [x], {
    outputSize: checkedParts('adaptiveMaxPool1d', outputSize),
  });
}

/**
 * The maxima of the parts that {@link adaptiveAvgPool2d} cuts images into. The gradient goes to the first of equal
 * maxima.
 *
 * @param x [samples, channels, height, width].
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: PartsOfTwo): Tensor {
  const parts = checkedPairOfParts('adaptiveMaxPool2d', outputSize);
  return apply(adaptive.adaptiveMaxPool2d, [x], { outputSize: parts });
}
