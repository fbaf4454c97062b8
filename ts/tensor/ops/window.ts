/** How windows lie along the axes of images [samples, channels, height, width] and sequences [samples, channels, length]. */
import { ArgumentError } from '../../errors.ts';
import type { Value } from '../graph.ts';
import { showShape } from '../shape.ts';

/** A number for each axis of an image, rows first, or for the one of a sequence. */
export type Sides = readonly number[];

/** What messages call them. */
const axesOf = ['', 'length', 'height, width'];
const things = ['', 'sequences', 'images'];

/** `lead`, then the names of `count` axes. */
function axisNames(lead: string, count: number): string {
  return `[${lead}, ${axesOf[count]!}]`;
}

/** What a value of so many axes holds, in messages. */
export function thingsOf(count: number): string {
  return things[count]!;
}

/** Numbers of rows and columns: a sequence is an image with one row, for which this is `ofRow`. */
export function plane(sides: Sides, ofRow: number): readonly [rows: number, columns: number] {
  return sides.length === 1 ? [ofRow, sides[0]!] : [sides[0]!, sides[1]!];
}

/** The two leading axes of `value` and its `count` others. */
export function split(
  owner: string,
  name: string,
  value: Value,
  [lead, count]: readonly [lead: string, count: number],
): readonly [first: number, second: number, sides: Sides] {
  const [first, second, ...sides] = value.shape;
  if (first !== undefined && second !== undefined && sides.length === count) return [first, second, sides];
  throw new ArgumentError('ERR_SHAPE', owner, name, axisNames(lead, count), showShape(value.shape));
}

/** How windows lie along one axis. */
interface Along {
  /** Taps of a window. */
  readonly kernel: number;
  /** From one window to the next. */
  readonly stride: number;
  /** What is put before the axis and behind it. */
  readonly padding: number;
  /** From one tap to the next. */
  readonly dilation: number;
  /** Whether a window counts that ends behind the padding. It must begin before that. */
  readonly ceilMode?: boolean;
}

/** How many windows lie along `size`. */
function windows(size: number, { kernel, stride, padding, dilation, ceilMode = false }: Along): number {
  const steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const beyond = Math.ceil(steps) * stride >= size + padding;
  return Math.ceil(steps) + (beyond ? 0 : 1);
}

/** Windows along each axis. */
export interface Windows {
  readonly kernel: Sides;
  readonly stride: Sides;
  readonly padding: Sides;
  readonly dilation: Sides;
  readonly ceilMode?: boolean;
}

/** How many windows lie along each axis: less than 1 where none fits. */
export function windowsOf(sides: Sides, { kernel, stride, padding, dilation, ceilMode }: Windows): Sides {
  const along = (i: number): Along => ({
    kernel: kernel[i]!,
    stride: stride[i]!,
    padding: padding[i]!,
    dilation: dilation[i]!,
    ...(ceilMode === undefined ? {} : { ceilMode }),
  });
  return sides.map((size, i) => windows(size, along(i)));
}

/** The lengths of axes with `padding` on both sides, as messages show them. */
export function showPadded(sides: Sides, padding: Sides): string {
  return showShape(sides.map((size, i) => size + 2 * padding[i]!));
}
