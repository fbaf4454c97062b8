/** Where elements lie in memory that is not read row by row. */
import { RidgelineError } from '../errors.ts';
import { type Shape, showShape } from './shape.ts';

/** Where the elements of a tensor lie in its array: from `offset` on, `strides` apart along each axis. */
export interface View {
  readonly offset: number;
  /** 0 along an axis whose elements are all one. */
  readonly strides: readonly number[];
}

/** An axis of a view of a tensor. */
export interface ViewAxis {
  /** The axis of the tensor that it walks along; undefined where it repeats what there is. */
  readonly from: number | undefined;
  /** How many elements of that axis it goes on at once. */
  readonly step: number;
  readonly length: number;
}

/** What a view shows of a tensor. */
export interface ViewOf {
  /** Where it starts along each axis of the tensor. */
  readonly starts: readonly number[];
  readonly axes: readonly ViewAxis[];
}

/** The strides of elements that lie row by row. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = Array.from(shape, () => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Where the elements that `of` shows lie, of a tensor whose elements lie at `view`. */
export function through({ offset, strides }: View, { starts, axes }: ViewOf): View {
  return {
    offset: starts.reduce((at, start, axis) => at + start * strides[axis]!, offset),
    strides: axes.map(({ from, step }) => (from === undefined ? 0 : step * strides[from]!)),
  };
}

/** Whether elements lie row by row, without gaps. */
export function isPacked({ strides }: View, shape: Shape): boolean {
  const packed = stridesOf(shape);
  return shape.includes(0) || shape.every((length, axis) => length === 1 || strides[axis] === packed[axis]);
}

/** One behind the last element. */
export function endOf({ offset, strides }: View, shape: Shape): number {
  if (shape.includes(0)) return offset;
  return shape.reduce((end, length, axis) => end + (length - 1) * strides[axis]!, offset + 1);
}

/**
 * The strides under which elements of `shape` at `view` have the shape `wanted`, in the same order;
 * undefined if there are none.
 */
export function restride({ strides }: View, shape: Shape, wanted: Shape): number[] | undefined {
  const merged = mergedAxes(shape, strides);
  const result: number[] = [];
  for (const length of wanted.toReversed()) {
    const last = merged.at(-1);
    if (length === 1) {
      result.push(1);
      continue;
    }
    if (last === undefined || last.length % length !== 0) return undefined;
    result.push(last.stride);
    last.length /= length;
    last.stride *= length;
    if (last.length === 1) merged.pop();
  }
  return result.toReversed();
}

interface Run {
  length: number;
  stride: number;
}

/** Axes, those in one whose elements go on where the next axis ends. */
function mergedAxes(shape: Shape, strides: readonly number[]): Run[] {
  const runs: Run[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const stride = strides[axis]!;
    const last = runs.at(-1);
    if (last?.stride === length * stride) {
      last.length *= length;
      last.stride = stride;
    } else runs.push({ length, stride });
  });
  return runs;
}

const RANK = 6; // axes of a view in the native table

/** A view as dimensions of the native table: offset, lengths, strides. */
export function viewDims({ offset, strides }: View, shape: Shape): number[] {
  const runs = shape.includes(0) ? [{ length: 0, stride: 0 }] : mergedAxes(shape, strides);
  if (runs.length > RANK) {
    throw new RidgelineError(
      'ERR_SHAPE',
      `a view of shape ${showShape(shape)} has ${runs.length} axes that lie apart; at most ${RANK} can be read at once. ` +
        'Call contiguous() between the views.',
    );
  }
  const missing: Run[] = Array.from({ length: RANK - runs.length }, () => ({ length: 1, stride: 0 }));
  const axes = [...missing, ...runs];
  return [offset, ...axes.map(({ length }) => length), ...axes.map(({ stride }) => stride)];
}
