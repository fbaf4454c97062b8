/** Lengths of the axes, outermost first; empty for a scalar. */
export type Shape = readonly number[];

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** `[2, 3]`, as errors show it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
