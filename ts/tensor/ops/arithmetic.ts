import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { sameShape, type Shape, showShape } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';
import { commonShape, repeated, sumTo } from './broadcast.ts';

type Names = readonly [first: string, second: string];

const methodNames: Names = ['this', 'other'];

/** Throws unless both are of one floating-point type; `names` are what messages call them. */
export function alike(owner: string, [a, b]: readonly Value[], names: Names = methodNames): void {
  if (a!.dtype === b!.dtype && a!.dtype !== 'int32') return;
  floatData(owner, names[0], a!);
  const like = names[0] === 'this' ? 'as this tensor is' : `as \`${names[0]}\` is`;
  const fix = `Convert it with to('${a!.dtype}').`;
  throw new ArgumentError('ERR_TYPE', owner, names[1], `of ${a!.dtype} ${like}`, b!.dtype, fix);
}

/** The arrays of two tensors of one shape and element type. */
export function pair(
  owner: string,
  inputs: readonly Value[],
  names: Names = methodNames,
): readonly [FloatArray, FloatArray] {
  const [a, b] = [inputs[0]!, inputs[1]!];
  alike(owner, inputs, names);
  if (!sameShape(a.shape, b.shape)) {
    const like = names[0] === 'this' ? 'as this tensor is' : `as \`${names[0]}\` is`;
    const expected = `of shape ${showShape(a.shape)} ${like}`;
    throw new ArgumentError('ERR_SHAPE', owner, names[1], expected, showShape(b.shape));
  }
  return [floatData(owner, names[0], a), floatData(owner, names[1], b)];
}

/** The arrays of two tensors, each as often as their common shape repeats it. */
function spread(
  owner: string,
  inputs: readonly Value[],
  shape: Shape,
  names: Names,
): readonly [FloatArray, FloatArray] {
  const [a, b] = [inputs[0]!, inputs[1]!];
  return [repeated(owner, names[0], a, shape), repeated(owner, names[1], b, shape)] as [
    FloatArray,
    FloatArray,
  ];
}

type Target = (i: number) => FloatArray | undefined;

/** What of its gradient a binary operation passes on: g and both inputs, as large as the result. */
export interface Passing {
  readonly gradient: FloatArray;
  /** Of an operation `byResult`. */
  readonly result: FloatArray;
  /** Both inputs. */
  values(): readonly [FloatArray, FloatArray];
  readonly target: Target;
  readonly like: Value;
}

interface BinaryOptions {
  readonly names?: Names;
  /** Whether the gradient is computed from the result too. */
  readonly byResult?: boolean;
}

/** A binary operation by the entry of the native table that has its name; shapes broadcast. */
export function binary(
  name: string,
  backward: (passing: Passing) => void,
  { names = methodNames, byResult = false }: BinaryOptions = {},
): Operation<void> {
  return {
    name,
    forward(inputs) {
      alike(name, inputs, names);
      const shape = commonShape(name, names[1], inputs[0]!.shape, inputs[1]!.shape);
      const [x, y] = spread(name, inputs, shape, names);
      const data = allocateLike(inputs[0]!, x.length);
      ops[name]!(x, y, data, x.length);
      return { data, shape, ...(byResult && { saved: { arrays: [data], numbers: [] } }) };
    },
    backward(gradient, inputs, saved, target) {
      const shape = commonShape(name, names[1], inputs[0]!.shape, inputs[1]!.shape);
      const wide: (() => void)[] = [];
      const like = inputs[0]!;
      backward({
        gradient,
        result: saved.arrays[0] as FloatArray,
        values: () => spread(name, inputs, shape, names),
        target(i) {
          const out = target(i);
          const own = inputs[i]!.shape;
          if (out === undefined || sameShape(own, shape)) return out;
          const full = allocateLike(like, gradient.length);
          wide.push(() => sumTo(like, full, shape, own, out));
          return full;
        },
        like,
      });
      for (const sum of wide) sum();
    },
  };
}

const scaled = (gradient: FloatArray, scale: number, out: FloatArray | undefined): void => {
  if (out !== undefined) ops['affine']!(gradient, out, out.length, scale, 0);
};

const times = (gradient: FloatArray, factor: FloatArray, out: FloatArray | undefined): void => {
  if (out !== undefined) ops['mul']!(gradient, factor, out, out.length);
};

export const add: Operation<void> = binary('add', ({ gradient, target }) => {
  scaled(gradient, 1, target(0));
  scaled(gradient, 1, target(1));
});

export const sub: Operation<void> = binary('sub', ({ gradient, target }) => {
  scaled(gradient, 1, target(0));
  scaled(gradient, -1, target(1));
});

export const mul: Operation<void> = binary('mul', ({ gradient, values, target }) => {
  const [x, y] = values();
  times(gradient, y, target(0));
  times(gradient, x, target(1));
});

export const div: Operation<void> = binary('div', ({ gradient, values, target, like }) => {
  const [x, y] = values();
  const byX = target(0);
  if (byX !== undefined) ops['div']!(gradient, y, byX, byX.length);
  const byY = target(1);
  if (byY === undefined) return;
  // −(g·x)/(y·y): through temporaries, for a quotient of tensors is rare in a training step.
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
