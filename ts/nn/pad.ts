import { finite, KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { pad as padOperation } from '../tensor/ops/join.ts';
import { apply, Tensor } from '../tensor/tensor.ts';

/** Options of {@link pad}. */
export interface PadOptions {
  /**
   * What is put around: one value; the tensor mirrored at its border elements; its border elements; its
   * other end. `constant` unless given.
   */
  readonly mode?: 'constant' | 'reflect' | 'replicate' | 'circular';
  /** The value of `constant`; 0 unless given. */
  readonly value?: number;
}

const known = new KnownKeys(['mode', 'value']);
const modes = ['constant', 'reflect', 'replicate', 'circular'] as const;

/** Which element of an axis of this length lies at a place before, in, or behind it. */
const placeAt: Record<
  Exclude<(typeof modes)[number], 'constant'>,
  (place: number, length: number) => number
> = {
  reflect: (place, length) => (place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place),
  replicate: (place, length) => Math.min(Math.max(place, 0), length - 1),
  circular: (place, length) => (place + length) % length,
};

/**
 * A tensor with elements put around it.
 *
 * @param padding how many before and behind the last axis, then those of the axis before it, and so on, as
 *   PyTorch counts them.
 */
export function pad(x: Tensor, padding: readonly number[], options: PadOptions = {}): Tensor {
  known.check('pad', options);
  const { mode = 'constant', value = 0 } = options;
  oneOf('pad', 'mode', mode, modes);
  finite('pad', 'value', value);
  const rank = x.shape.length;
  const valid = padding.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!valid || padding.length % 2 !== 0 || padding.length > 2 * rank) {
    const expected = `pairs of whole numbers >= 0, for at most ${rank} axes`;
    throw new ArgumentError('ERR_VALUE', 'pad', 'padding', expected, `[${padding.join(', ')}]`);
  }
  const side = (axis: number, behind: 0 | 1): number => padding[2 * (rank - 1 - axis) + behind] ?? 0;
  const before = x.shape.map((_, axis) => side(axis, 0));
  const behind = x.shape.map((_, axis) => side(axis, 1));
  if (mode === 'constant') return apply(padOperation, [x], { before, behind, value });
  return x.shape.reduce((y: Tensor, length, axis) => {
    const [left, right] = [before[axis]!, behind[axis]!];
    if (left + right === 0) return y;
    const most = { reflect: length - 1, replicate: length === 0 ? 0 : Infinity, circular: length }[mode];
    if (Math.max(left, right) > most) {
      const expected = `at most ${most} along axis ${axis}, of length ${length}, with mode '${mode}'`;
      throw new ArgumentError('ERR_VALUE', 'pad', 'padding', expected, Math.max(left, right));
    }
    const order = Int32Array.from({ length: left + length + right }, (_, i) =>
      placeAt[mode](i - left, length),
    );
    const index = new Tensor({ data: order, shape: [order.length], dtype: 'int32', requiresGrad: false });
    return y.indexSelect(axis, index);
  }, x);
}
