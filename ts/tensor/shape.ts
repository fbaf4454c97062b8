import { ArgumentError } from '../errors.ts';

/** Lengths of the axes, outermost first; empty for a scalar. */
export type Shape = readonly number[];

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Whether both have the same lengths. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a === b || (a.length === b.length && a.every((length, axis) => length === b[axis]));
}

/** `[2, 3]`, as errors show it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The axis that `axis` names of `rank` axes, negative ones from the last. */
export function axisOf(owner: string, name: string, axis: number, rank: number): number {
  if (Number.isSafeInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  const expected = rank === 0 ? 'nothing, for there is none' : `a whole number from ${-rank} to ${rank - 1}`;
  throw new ArgumentError('ERR_VALUE', owner, name, expected, axis);
}

/** The axes that `axes` names, in order, each once. */
export function axesOf(owner: string, axes: number | readonly number[], rank: number): number[] {
  if (typeof axes === 'number') return [axisOf(owner, 'axis', axes, rank)];
  const chosen = axes.map((axis, i) => axisOf(owner, `axes[${i}]`, axis, rank));
  if (new Set(chosen).size === chosen.length) return chosen.toSorted((a, b) => a - b);
  throw new ArgumentError('ERR_VALUE', owner, 'axes', 'no axis twice', `[${axes.join(', ')}]`);
}
