import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, elementsOf, seen } from '../value.ts';
import {
  isPacked,
  restride,
  stridesOf,
  through,
  type View,
  type ViewAxis,
  viewDims,
  type ViewOf,
} from '../view.ts';

/** Adds up what came back to one element from all places where a view repeats it. */
function summed(
  gradient: FloatArray,
  axes: readonly ViewAxis[],
  make: (size: number) => FloatArray,
): FloatArray {
  let [sums, shape] = [gradient, axes.map(({ length }) => length)];
  axes.forEach(({ from, length }, axis) => {
    if (from !== undefined || length === 1) return;
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const out = make(outer * inner);
    ops['sum_axis']!(sums, out, outer, length, inner, 1);
    sums = out;
    shape = shape.with(axis, 1);
  });
  return sums;
}

/** Whether every element of a tensor of this shape is shown, once. */
function showsAll({ starts, axes }: ViewOf, shape: Shape): boolean {
  const walked = axes.filter(({ from }) => from !== undefined);
  return (
    starts.every((start) => start === 0) &&
    walked.every(({ from, length }) => length === shape[from!]) &&
    shape.every((length, axis) => length === 1 || walked.some(({ from }) => from === axis))
  );
}

/** Other places of the same elements: axes in another order, parts of axes, elements repeated. Nothing is copied. */
export const look: Operation<ViewOf> = {
  name: 'view',
  forward([x], of) {
    const shape = of.axes.map(({ length }) => length);
    const view = through(x!.view ?? { offset: 0, strides: stridesOf(x!.shape) }, of);
    const numbers = [
      ...of.starts,
      ...of.axes.flatMap(({ from, step, length }) => [from ?? -1, step, length]),
    ];
    const plain = view.offset === 0 && sizeOf(shape) === x!.array.length && isPacked(view, shape);
    const saved = { arrays: [], numbers };
    return { data: x!.array, shape, ...(!plain && { view }), saved };
  },
  backward(gradient, [x], { numbers }, target) {
    const out = target(0);
    if (out === undefined) return;
    const { shape } = x!;
    const of: ViewOf = { starts: numbers.slice(0, shape.length), axes: axesOf(numbers.slice(shape.length)) };
    const sums = summed(gradient, of.axes, (size) => allocateLike(x!, size));
    const axes = of.axes.map((axis) => (axis.from === undefined ? { ...axis, length: 1 } : axis));
    if (showsAll(of, shape)) {
      ops['view']!(sums, out, sums.length, ...viewDims(backward(axes, shape), shape));
      return;
    }
    const view = through({ offset: 0, strides: stridesOf(shape) }, { ...of, axes });
    ops['set']!(out, out.length, 0);
    ops['write_view']!(
      sums,
      out,
      out.length,
      ...viewDims(
        view,
        axes.map(({ length }) => length),
      ),
    );
  },
};

function axesOf(numbers: readonly number[]): ViewAxis[] {
  return Array.from({ length: numbers.length / 3 }, (_, i) => {
    const [from, step, length] = numbers.slice(3 * i, 3 * i + 3);
    return { from: from === -1 ? undefined : from!, step: step!, length: length! };
  });
}

/** Where the elements of a tensor lie among those of a view that shows all of them. */
function backward(axes: readonly ViewAxis[], shape: Shape): View {
  const strides = stridesOf(axes.map(({ length }) => length));
  const place = (axis: number): number => axes.findIndex(({ from }) => from === axis);
  return { offset: 0, strides: shape.map((_, axis) => strides[place(axis)] ?? 0) };
}

/** The same elements, in order, under another shape; copied only where no strides would do. */
export const reshape: Operation<Shape> = {
  name: 'reshape',
  forward([x], shape) {
    if (x!.view === undefined) return { data: x!.array, shape };
    const strides = restride(x!.view, x!.shape, shape);
    if (strides === undefined) return { data: elementsOf('reshape', 'this', x!), shape };
    return { data: x!.array, shape, view: { offset: x!.view.offset, strides } };
  },
  backward(gradient, _inputs, _saved, target) {
    const out = target(0);
    if (out !== undefined) ops['affine']!(gradient, out, out.length, 1, 0);
  },
};

/** The same elements row by row in memory of their own. */
export const copy: Operation<void> = {
  name: 'contiguous',
  forward([x]) {
    const { view, shape, array } = x!;
    return { data: seen(array, view ?? { offset: 0, strides: stridesOf(shape) }, shape), shape };
  },
  backward(gradient, _inputs, _saved, target) {
    const out = target(0);
    if (out !== undefined) ops['affine']!(gradient, out, out.length, 1, 0);
  },
};

/** `wanted` with its one −1 replaced by the length that fits `shape`. */
export function resolveShape(owner: string, shape: Shape, wanted: Shape): Shape {
  const size = sizeOf(shape);
  const known = wanted.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const resolved = wanted.map((length) => (length === -1 ? size / known : length));
  const valid = resolved.every((length) => Number.isSafeInteger(length) && length >= 0);
  if (valid && sizeOf(resolved) === size && wanted.filter((length) => length === -1).length <= 1)
    return resolved;
  throw new ArgumentError('ERR_SHAPE', owner, 'shape', `a shape of ${size} elements`, showShape(wanted));
}
