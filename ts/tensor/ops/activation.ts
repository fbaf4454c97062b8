/** Activations that are more than a function of each element. */
import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { type Shape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';

/** The lengths before an axis, and from it on without it. */
function around(shape: Shape, axis: number): readonly [before: number, after: number] {
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
}

/** a·σ(b), of the halves a and b of x along an axis, counted from the front. */
export const glu: Operation<number> = {
  name: 'glu',
  forward([x], axis) {
    const source = floatData('glu', 'x', x!);
    const half = x!.shape[axis]! / 2;
    if (!Number.isInteger(half)) {
      throw new ArgumentError(
        'ERR_SHAPE',
        'glu',
        'x',
        `of even length along axis ${axis}`,
        showShape(x!.shape),
      );
    }
    const [before, after] = around(x!.shape, axis);
    const data = allocateLike(x!, source.length / 2);
    ops['glu']!(source, data, before, half * after);
    const shape = x!.shape.with(axis, half);
    return { data, shape, saved: { arrays: [], numbers: [before, half * after] } };
  },
  backward(gradient, [x], { numbers }, target) {
    const out = target(0);
    if (out !== undefined) ops['glu_gradient']!(floatData('glu', 'x', x!), gradient, out, ...numbers);
  },
};

/** [before, channels, after] of an input and its weights: one for each channel of axis 1, or one for all. */
function channels(x: Value, weight: Value): readonly [number, number, number] {
  if (weight.size === 1) return [1, 1, x.size];
  const [before, after] = around(x.shape, 1);
  if (weight.shape.length === 1 && x.shape[1] === weight.size) return [before, weight.size, after];
  const expected =
    x.shape.length < 2 ? 'of one element' : `of one element, or of shape [${x.shape[1]}]: one a channel`;
  throw new ArgumentError('ERR_SHAPE', 'prelu', 'weight', expected, showShape(weight.shape));
}

/** max(x, 0) + weight·min(x, 0). */
export const prelu: Operation<void> = {
  name: 'prelu',
  forward([x, weight]) {
    const [source, slopes] = [floatData('prelu', 'x', x!), floatData('prelu', 'weight', weight!)];
    if (x!.dtype !== weight!.dtype) {
      throw new ArgumentError('ERR_TYPE', 'prelu', 'weight', `of ${x!.dtype} as \`x\` is`, weight!.dtype);
    }
    const dims = channels(x!, weight!);
    const data = allocateLike(x!, source.length);
    ops['prelu']!(source, slopes, data, ...dims);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: dims } };
  },
  backward(gradient, [x, weight], { numbers }, target) {
    const [source, slopes] = [floatData('prelu', 'x', x!), floatData('prelu', 'weight', weight!)];
    const byX = target(0);
    if (byX !== undefined) ops['prelu_by_input']!(source, slopes, gradient, byX, ...numbers);
    const byWeight = target(1);
    if (byWeight !== undefined) ops['prelu_by_weight']!(source, gradient, byWeight, ...numbers);
  },
};
