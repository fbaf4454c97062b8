import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { showShape } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';

/** The arrays of two tensors of one shape and element type; `names` are what messages call them. */
export function pair(
  owner: string,
  inputs: readonly Value[],
  names: readonly [first: string, second: string] = ['this', 'other'],
): readonly [FloatArray, FloatArray] {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const arrays = [floatData(owner, names[0], a), floatData(owner, names[1], b)] as const;
  const like = names[0] === 'this' ? 'as this tensor is' : `as \`${names[0]}\` is`;
  if (a.dtype !== b.dtype) {
    throw new ArgumentError('ERR_TYPE', owner, names[1], `of ${a.dtype} ${like}`, b.dtype);
  }
  if (a.shape.length !== b.shape.length || a.shape.some((length, i) => length !== b.shape[i])) {
    const expected = `of shape ${showShape(a.shape)} ${like}`;
    throw new ArgumentError('ERR_SHAPE', owner, names[1], expected, showShape(b.shape));
  }
  return arrays;
}

type Target = (i: number) => FloatArray | undefined;

/** A binary operation by the entry of the native table that has its name. */
export function binary(
  name: string,
  backward: (
    gradient: FloatArray,
    x: FloatArray,
    y: FloatArray,
    target: Target,
    inputs: readonly Value[],
  ) => void,
): Operation<void> {
  return {
    name,
    forward(inputs) {
      const [x, y] = pair(name, inputs);
      const data = allocateLike(inputs[0]!, x.length);
      ops[name]!(x, y, data, x.length);
      return { data, shape: inputs[0]!.shape };
    },
    backward(gradient, inputs, _saved, target) {
      const [x, y] = pair(name, inputs);
      backward(gradient, x, y, target, inputs);
    },
  };
}

const scaled = (gradient: FloatArray, scale: number, out: FloatArray | undefined): void => {
  if (out !== undefined) ops['affine']!(gradient, out, out.length, scale, 0);
};

const times = (gradient: FloatArray, factor: FloatArray, out: FloatArray | undefined): void => {
  if (out !== undefined) ops['mul']!(gradient, factor, out, out.length);
};

export const add: Operation<void> = binary('add', (gradient, _x, _y, target) => {
  scaled(gradient, 1, target(0));
  scaled(gradient, 1, target(1));
});

export const sub: Operation<void> = binary('sub', (gradient, _x, _y, target) => {
  scaled(gradient, 1, target(0));
  scaled(gradient, -1, target(1));
});

export const mul: Operation<void> = binary('mul', (gradient, x, y, target) => {
  times(gradient, y, target(0));
  times(gradient, x, target(1));
});

export const div: Operation<void> = binary('div', (gradient, x, y, target, inputs) => {
  const byX = target(0);
  if (byX !== undefined) ops['div']!(gradient, y, byX, byX.length);
  const byY = target(1);
  if (byY === undefined) return;
  // −(g·x)/(y·y): through temporaries, for a quotient of tensors is rare in a training step.
  const like = inputs[1]!;
  const [square, product] = [allocateLike(like, y.length), allocateLike(like, y.length)];
  const quotient = allocateLike(like, y.length);
  ops['mul']!(y, y, square, y.length);
  ops['mul']!(gradient, x, product, y.length);
  ops['div']!(product, square, quotient, y.length);
  scaled(quotient, -1, byY);
});

/** scale·x + shift, for numbers. */
export const affine: Operation<readonly [scale: number, shift: number]> = {
  name: 'affine',
  forward([x], [scale, shift]) {
    const source = floatData('affine', 'this', x!);
    const data = allocateLike(x!, source.length);
    ops['affine']!(source, data, data.length, scale, shift);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: [scale] } };
  },
  backward(gradient, _inputs, saved, target) {
    scaled(gradient, saved.numbers[0]!, target(0));
  },
};

/** x/divisor, for a number: a true division, for a product with 1/divisor rounds twice. */
export const divide: Operation<number> = {
  name: 'divide',
  forward([x], divisor) {
    const source = floatData('divide', 'this', x!);
    const data = allocateLike(x!, source.length);
    ops['divide']!(source, data, data.length, divisor);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: [divisor] } };
  },
  backward(gradient, _inputs, saved, target) {
    const out = target(0);
    if (out !== undefined) ops['divide']!(gradient, out, out.length, saved.numbers[0]!);
  },
};

/**
 * A unary operation, with the numbers that its entry of the native table takes; the gradient is the entry
 * `<entry>_gradient`: of the input, or of the result where that is what it is computed from.
 */
export function unary(
  name: string,
  by: 'input' | 'result' = 'input',
  entry: string = name,
): Operation<readonly number[] | void> {
  return {
    name,
    forward([x], attributes) {
      const numbers = attributes ?? [];
      const source = floatData(name, 'this', x!);
      const data = allocateLike(x!, source.length);
      ops[entry]!(source, data, data.length, ...numbers);
      return { data, shape: x!.shape, saved: { arrays: by === 'result' ? [data] : [], numbers } };
    },
    backward(gradient, [x], saved, target) {
      const out = target(0);
      if (out === undefined) return;
      const of = by === 'result' ? saved.arrays[0]! : floatData(name, 'this', x!);
      ops[`${entry}_gradient`]!(of, gradient, out, out.length, ...saved.numbers);
    },
  };
}

export const abs: Operation<readonly number[] | void> = unary('abs');
export const relu: Operation<readonly number[] | void> = unary('relu');
export const tanh: Operation<readonly number[] | void> = unary('tanh', 'result');
export const sigmoid: Operation<readonly number[] | void> = unary('sigmoid', 'result');
