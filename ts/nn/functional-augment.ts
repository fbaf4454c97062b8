import { finite, KnownKeys, nonNegative, probability, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Generator, generatorFor } from '../random.ts';
import { arange, rand, randn } from '../tensor/creation.ts';
import { showShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatDType } from '../tensor/value.ts';
import { where } from '../tensor/where.ts';

/** Where an augmentation draws from. */
export interface AugmentOptions {
  /** The common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

/** Options of {@link randomCrop}. */
export interface RandomCropOptions extends AugmentOptions {
  /** Zeros around each image, on each side, before the part is cut out; 0 unless given. */
  readonly padding?: number;
}

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions extends AugmentOptions {
  /** What the square is filled with; 0 unless given. */
  readonly value?: number;
}

const augmentKeys = new KnownKeys(['generator']);
const cropKeys = new KnownKeys(['generator', 'padding']);
const erasingKeys = new KnownKeys(['generator', 'value']);

/** The lengths of a batch of images [n, channels, height, width]. */
function imagesOf(owner: string, x: Tensor): readonly [n: number, c: number, h: number, w: number] {
  if (x.shape.length !== 4) {
    const expected = 'images [n, channels, height, width]';
    throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x.shape));
  }
  floatDType(x);
  return x.shape as unknown as [number, number, number, number];
}

/** A number for each image, uniform from `low` up to `high`: [n, 1, 1], float64. */
function uniform(n: number, low: number, high: number, generator: Generator): Tensor {
  return rand([n, 1, 1], { dtype: 'float64', generator })
    .mul(high - low)
    .add(low);
}

/** A whole number for each image from `low` to `high`, both included: [n, 1, 1], float64. */
function wholes(n: number, low: number, high: number, generator: Generator): Tensor {
  return uniform(n, 0, high - low + 1, generator)
    .floor()
    .add(low);
}

/** 0, 1, … along the rows [1, length, 1] or the columns [1, 1, length] of an image. */
const rows = (length: number): Tensor => arange(0, length, 1, { dtype: 'float64' }).reshape([1, length, 1]);
const columns = (length: number): Tensor =>
  arange(0, length, 1, { dtype: 'float64' }).reshape([1, 1, length]);

/** 1 where `low` ≤ x < `high`, bounds being numbers or tensors. */
const within = (x: Tensor, low: Tensor | number, high: Tensor | number): Tensor =>
  x.ge(low).logicalAnd(x.lt(high));

/** For each pixel of the result the one of x at this row and column, whole numbers [n, h, w]; 0 outside of x. */
function pixelsAt(x: Tensor, row: Tensor, column: Tensor): Tensor {
  const [n, c, height, width] = imagesOf('pixels', x);
  const inside = within(row, 0, height).logicalAnd(within(column, 0, width));
  const [, h, w] = inside.shape as unknown as [number, number, number];
  const place = row
    .clamp({ min: 0, max: height - 1 })
    .mul(width)
    .add(column.clamp({ min: 0, max: width - 1 }));
  const index = place
    .to('int32')
    .expand([n, h, w])
    .reshape([n, 1, h * w])
    .expand([n, c, h * w]);
  const taken = x
    .reshape([n, c, height * width])
    .gather(2, index)
    .reshape([n, c, h, w]);
  return where(inside.unsqueeze(1), taken, 0);
}

function flipped(owner: string, x: Tensor, axis: number, p: number, options: AugmentOptions): Tensor {
  augmentKeys.check(owner, options);
  const [n] = imagesOf(owner, x);
  probability(owner, 'p', p);
  const generator = generatorFor(owner, options.generator);
  const chosen = rand([n, 1, 1, 1], { dtype: 'float64', generator }).lt(p);
  return where(chosen, x.flip(axis), x);
}

/**
 * Images [n, channels, height, width], each mirrored left to right with probability `p`.
 *
 * @param p from 0 to 1; 0.5 unless given.
 */
export function randomHorizontalFlip(x: Tensor, p = 0.5, options: AugmentOptions = {}): Tensor {
  return flipped('randomHorizontalFlip', x, 3, p, options);
}

/** Images [n, channels, height, width], each mirrored top to bottom with probability `p`; 0.5 unless given. */
export function randomVerticalFlip(x: Tensor, p = 0.5, options: AugmentOptions = {}): Tensor {
  return flipped('randomVerticalFlip', x, 2, p, options);
}

/** Images, each moved by whole numbers of pixels, up to `most` in each direction; zeros come in from the sides. */
export function randomShift(x: Tensor, most: number, options: AugmentOptions = {}): Tensor {
  const owner = 'randomShift';
  augmentKeys.check(owner, options);
  const [n, , height, width] = imagesOf(owner, x);
  whole(owner, 'most', most);
  const generator = generatorFor(owner, options.generator);
  const [down, right] = [wholes(n, -most, most, generator), wholes(n, -most, most, generator)];
  return pixelsAt(x, rows(height).sub(down), columns(width).sub(right));
}

/**
 * A part of each image at a random place.
 *
 * @param size height and width of the part, or one number for both.
 */
export function randomCrop(
  x: Tensor,
  size: number | readonly [height: number, width: number],
  options: RandomCropOptions = {},
): Tensor {
  const owner = 'randomCrop';
  cropKeys.check(owner, options);
  const { padding = 0 } = options;
  whole(owner, 'padding', padding);
  const [n, , height, width] = imagesOf(owner, x);
  const [h, w] = typeof size === 'number' ? [size, size] : size;
  whole(owner, 'size', h, 1);
  whole(owner, 'size', w, 1);
  const room = [height + 2 * padding - h, width + 2 * padding - w] as const;
  if (room[0] < 0 || room[1] < 0) {
    const expected = `at most [${height + 2 * padding}, ${width + 2 * padding}], an image with its padding`;
    throw new ArgumentError('ERR_SHAPE', owner, 'size', expected, `[${h}, ${w}]`);
  }
  const generator = generatorFor(owner, options.generator);
  const [top, left] = [wholes(n, 0, room[0], generator), wholes(n, 0, room[1], generator)];
  return pixelsAt(x, rows(h).add(top).sub(padding), columns(w).add(left).sub(padding));
}

/** Images, each turned about its center by an angle up to `degrees` either way, between pixels linearly; zeros outside. */
export function randomRotation(x: Tensor, degrees: number, options: AugmentOptions = {}): Tensor {
  const owner = 'randomRotation';
  augmentKeys.check(owner, options);
  const [n, , height, width] = imagesOf(owner, x);
  const most = (nonNegative(owner, 'degrees', degrees) * Math.PI) / 180;
  const angle = uniform(n, -most, most, generatorFor(owner, options.generator));
  const [down, right] = [rows(height).sub((height - 1) / 2), columns(width).sub((width - 1) / 2)];
  const row = down
    .mul(angle.cos())
    .add(right.mul(angle.sin()))
    .add((height - 1) / 2);
  const column = right
    .mul(angle.cos())
    .sub(down.mul(angle.sin()))
    .add((width - 1) / 2);
  const [top, left] = [row.floor(), column.floor()];
  const [below, beside] = [row.sub(top), column.sub(left)];
  const corner = (i: 0 | 1, j: 0 | 1): Tensor => {
    const weight = (i === 0 ? below.neg().add(1) : below).mul(j === 0 ? beside.neg().add(1) : beside);
    return pixelsAt(x, top.add(i), left.add(j)).mul(weight.to(floatDType(x)).unsqueeze(1));
  };
  return corner(0, 0).add(corner(0, 1)).add(corner(1, 0)).add(corner(1, 1));
}

/**
 * Images, each without a square of `size` pixels a side whose center is any pixel: "cutout".
 *
 * @see DeVries & Taylor 2017, arXiv:1708.04552
 */
export function randomErasing(x: Tensor, size: number, options: RandomErasingOptions = {}): Tensor {
  const owner = 'randomErasing';
  erasingKeys.check(owner, options);
  const [n, , height, width] = imagesOf(owner, x);
  whole(owner, 'size', size);
  const value = finite(owner, 'value', options.value ?? 0);
  const generator = generatorFor(owner, options.generator);
  const before = Math.floor(size / 2);
  const top = wholes(n, -before, height - 1 - before, generator);
  const left = wholes(n, -before, width - 1 - before, generator);
  const [i, j] = [rows(height), columns(width)];
  const inside = within(i, top, top.add(size)).logicalAnd(within(j, left, left.add(size)));
  return where(inside.unsqueeze(1), value, x);
}

/** x plus normal numbers of this standard deviation. */
export function gaussianNoise(x: Tensor, deviation: number, options: AugmentOptions = {}): Tensor {
  const owner = 'gaussianNoise';
  augmentKeys.check(owner, options);
  nonNegative(owner, 'deviation', deviation);
  const generator = generatorFor(owner, options.generator);
  return x.add(randn(x.shape, { dtype: floatDType(x), generator }).mul(deviation));
}
