/** Convolutions as functions of tensors. */
import { KnownKeys, type Pair, whole, wholeLength, wholePair } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import * as operations from '../tensor/ops/conv.ts';
import * as transposed from '../tensor/ops/conv-transpose.ts';
import type { Sides } from '../tensor/ops/window.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { pad } from './pad.ts';

/** Options of convolutions, whose sizes are of this type. */
interface ConvOptions<Size> {
  /** From one window to the next; 1 unless given. */
  readonly stride?: Size;
  /**
   * Zeros around, on each side; 0 unless given. `'valid'`: none. `'same'`, with stride 1: so many that the result
   * is as large as `x`, one more behind than before where their number is odd.
   */
  readonly padding?: Size | 'same' | 'valid';
  /** From one tap of a window to the next; 1 unless given. */
  readonly dilation?: Size;
  /**
   * Equal parts that the channels are cut into: each part of the result sees one of the input alone. As many as
   * there are channels for a depthwise convolution; 1 unless given.
   */
  readonly groups?: number;
}

/** Options of {@link conv1d}. */
export type Conv1dOptions = ConvOptions<number>;

/** Options of {@link conv2d}: sizes are for both ways, or [rows, columns]. */
export type Conv2dOptions = ConvOptions<Pair>;

/** What a convolution is of. */
type Inputs = readonly [x: Tensor, weight: Tensor, bias: Tensor | null | undefined];

/** How windows lie, checked, an entry for each axis; `same` where zeros around are yet to be counted. */
export interface CheckedWindows<Size extends Sides> {
  readonly stride: Size;
  readonly padding: Size | 'same';
  readonly dilation: Size;
  readonly groups: number;
}

const keys = new KnownKeys(['stride', 'padding', 'dilation', 'groups']);

/** Checks a size and gives it for each axis: {@link wholeLength} or {@link wholePair}. */
export type Measure<Size extends Sides> = (owner: string, name: string, value: Pair, least?: number) => Size;

/** The options of a convolution, checked, with what is left out. */
export function checkedWindows<Size extends Sides>(
  owner: string,
  options: ConvOptions<Pair>,
  measure: Measure<Size>,
): CheckedWindows<Size> {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const checked = {
    stride: measure(owner, 'stride', stride, 1),
    padding: checkedPadding(owner, padding, measure),
    dilation: measure(owner, 'dilation', dilation, 1),
    groups: whole(owner, 'groups', groups, 1),
  };
  if (checked.padding !== 'same' || checked.stride.every((step) => step === 1)) return checked;
  throw new ArgumentError(
    'ERR_OPTION',
    owner,
    'stride',
    "1 with padding 'same'",
    `[${checked.stride.join(', ')}]`,
  );
}

function checkedPadding<Size extends Sides>(
  owner: string,
  padding: Pair | 'same' | 'valid',
  measure: Measure<Size>,
): Size | 'same' {
  if (padding === 'same') return padding;
  if (padding === 'valid') return measure(owner, 'padding', 0);
  if (typeof padding !== 'string') return measure(owner, 'padding', padding);
  const expected = "a whole number >= 0, 'same' or 'valid'";
  throw new ArgumentError('ERR_OPTION', owner, 'padding', expected, `the text '${padding}'`);
}

/** `x` with a zero behind each axis whose zeros are odd in number, and how many others there are on each side. */
function paddedSame(x: Tensor, kernel: Sides, dilation: Sides): readonly [x: Tensor, padding: Sides] {
  const zeros = dilation.map((step, i) => step * Math.max((kernel[i] ?? 1) - 1, 0));
  const behind = zeros.map((count) => count % 2).toReversed();
  const more = behind.flatMap((count) => [0, count]);
  const fits = x.shape.length >= zeros.length;
  return [fits && behind.includes(1) ? pad(x, more) : x, zeros.map((count) => Math.floor(count / 2))];
}

/** The windows of `x` times `weight`, whose sizes were checked. */
export function convolve<Size extends Sides>(
  operation: typeof operations.conv2d,
  [x, weight, bias]: Inputs,
  windows: CheckedWindows<Size>,
): Tensor {
  const { stride, padding, dilation, groups } = windows;
  const inputs = [weight, ...(bias ? [bias] : [])];
  if (padding !== 'same') return apply(operation, [x, ...inputs], { stride, padding, dilation, groups });
  const [padded, zeros] = paddedSame(x, weight.shape.slice(2), dilation);
  return apply(operation, [padded, ...inputs], { stride, padding: zeros, dilation, groups });
}

/**
 * The windows of sequences `x` times `weight`, plus `bias`: a cross-correlation, as everywhere in the field.
 *
 * @param x [samples, channels, length].
 * @param weight [outChannels, channels/groups, kernelLength].
 * @param bias [outChannels]; none unless given.
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv1dOptions = {}): Tensor {
  keys.check('conv1d', options);
  return convolve(operations.conv1d, [x, weight, bias], checkedWindows('conv1d', options, wholeLength));
}

/**
 * The windows of images `x` times `weight`, plus `bias`: a cross-correlation, as everywhere in the field.
 *
 * @param x [samples, channels, height, width].
 * @param weight [outChannels, channels/groups, kernelHeight, kernelWidth].
 * @param bias [outChannels]; none unless given.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  keys.check('conv2d', options);
  return convolve(operations.conv2d, [x, weight, bias], checkedWindows('conv2d', options, wholePair));
}

/** Options of transposed convolutions, whose sizes are of this type. */
interface ConvTransposeOptions<Size> {
  /** From one window of the result to the next; 1 unless given. */
  readonly stride?: Size;
  /** What is left out of the result on each side; 0 unless given. */
  readonly padding?: Size;
  /** Rows and columns of the result behind its last window, less than `stride`; 0 unless given. */
  readonly outputPadding?: Size;
  /** Parts of the channels, each part of the result made of one of the input; 1 unless given. */
  readonly groups?: number;
  /** From one tap of a window to the next; 1 unless given. */
  readonly dilation?: Size;
}

/** Options of {@link convTranspose1d}. */
export type ConvTranspose1dOptions = ConvTransposeOptions<number>;

/** Options of {@link convTranspose2d}: sizes are for both ways, or [rows, columns]. */
export type ConvTranspose2dOptions = ConvTransposeOptions<Pair>;

/** How windows lie over the result, checked, an entry for each axis. */
export interface CheckedTransposed<Size extends Sides> {
  readonly stride: Size;
  readonly padding: Size;
  readonly outputPadding: Size;
  readonly dilation: Size;
  readonly groups: number;
}

const transposedKeys = new KnownKeys(['stride', 'padding', 'outputPadding', 'groups', 'dilation']);

/** The options of a transposed convolution, checked, with what is left out. */
export function checkedTransposed<Size extends Sides>(
  owner: string,
  options: ConvTransposeOptions<Pair>,
  measure: Measure<Size>,
): CheckedTransposed<Size> {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const checked = {
    stride: measure(owner, 'stride', stride, 1),
    padding: measure(owner, 'padding', padding),
    outputPadding: measure(owner, 'outputPadding', outputPadding),
    dilation: measure(owner, 'dilation', dilation, 1),
    groups: whole(owner, 'groups', groups, 1),
  };
  if (checked.outputPadding.every((more, i) => more < checked.stride[i]!)) return checked;
  const expected = `less than \`stride\`, [${checked.stride.join(', ')}]`;
  const got = `[${checked.outputPadding.join(', ')}]`;
  throw new ArgumentError('ERR_OPTION', owner, 'outputPadding', expected, got);
}

/** Each element of `x` times `weight`, where the windows of the result lie; sizes were checked. */
export function convolveTransposed<Size extends Sides>(
  operation: typeof transposed.convTranspose2d,
  [x, weight, bias]: Inputs,
  windows: CheckedTransposed<Size>,
): Tensor {
  const { stride, padding, outputPadding, dilation, groups } = windows;
  const y = apply(operation, [x, weight], { stride, padding, outputPadding, dilation, groups });
  if (!bias) return y;
  operations.biasData(operation.name, bias, x, y.shape[1]!);
  return y.add(bias.reshape([bias.size, ...stride.map(() => 1)]));
}

/**
 * Each element of sequences `x` times `weight`, added up where windows of the result lie, plus `bias`: the gradient
 * of {@link conv1d} by its input, as a function of its own. The result has
 * (length − 1)·stride − 2·padding + dilation·(kernelLength − 1) + outputPadding + 1 elements a channel.
 *
 * @param x [samples, channels, length].
 * @param weight [channels, outChannels/groups, kernelLength].
 * @param bias [outChannels]; none unless given.
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTranspose1dOptions = {},
): Tensor {
  const owner = 'convTranspose1d';
  transposedKeys.check(owner, options);
  const windows = checkedTransposed(owner, options, wholeLength);
  return convolveTransposed(transposed.convTranspose1d, [x, weight, bias], windows);
}

/**
 * Each element of images `x` times `weight`, added up where windows of the result lie, plus `bias`: the gradient of
 * {@link conv2d} by its input, as a function of its own. Each way the result has
 * (size − 1)·stride − 2·padding + dilation·(kernelSize − 1) + outputPadding + 1 elements.
 *
 * @param x [samples, channels, height, width].
 * @param weight [channels, outChannels/groups, kernelHeight, kernelWidth].
 * @param bias [outChannels]; none unless given.
 * @see Dumoulin & Visin 2016, https://arxiv.org/abs/1603.07285
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const owner = 'convTranspose2d';
  transposedKeys.check(owner, options);
  const windows = checkedTransposed(owner, options, wholePair);
  return convolveTransposed(transposed.convTranspose2d, [x, weight, bias], windows);
}
