/** Functions of each element. Which gradient they have at a kink is said where they are public. */
import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocateLike, floatData } from '../value.ts';
import { binary, unary } from './arithmetic.ts';

/** An operation of one tensor and the numbers that its entry of the native table takes. */
type Unary = Operation<readonly number[] | void>;

export const exp: Unary = unary('exp', 'result');
export const expm1: Unary = unary('expm1');
export const log: Unary = unary('log');
export const log1p: Unary = unary('log1p');
export const log2: Unary = unary('log2');
export const log10: Unary = unary('log10');
export const sqrt: Unary = unary('sqrt', 'result');
export const rsqrt: Unary = unary('rsqrt', 'result');
export const reciprocal: Unary = unary('reciprocal', 'result');
export const square: Unary = unary('square');
export const erf: Unary = unary('erf');
/** From low to high; a bound that is NaN is none. */
export const clamp: Unary = unary('clamp');
/** x^exponent, for a number. */
export const raise: Unary = unary('pow', 'input', 'raise');

/** With the numbers `slope`. */
export const leakyRelu: Unary = unary('leakyRelu', 'input', 'leaky_relu');
/** With the numbers `threshold, value`. */
export const threshold: Unary = unary('threshold');
/** With the numbers `scale, height, rate`: scale·x above 0, height·(e^(rate·x) − 1) below. */
export const elu: Unary = unary('elu');
/** With the numbers `beta, threshold`. */
export const softplus: Unary = unary('softplus');
export const logsigmoid: Unary = unary('logsigmoid');
export const gelu: Unary = unary('gelu');
export const geluTanh: Unary = unary('gelu', 'input', 'gelu_tanh');
export const silu: Unary = unary('silu');
export const mish: Unary = unary('mish');
/** With the numbers `low, high`. */
export const hardtanh: Unary = unary('hardtanh', 'input', 'clamp');
export const hardsigmoid: Unary = unary('hardsigmoid');
export const hardswish: Unary = unary('hardswish');
export const softsign: Unary = unary('softsign');
/** With the number `by`. */
export const softshrink: Unary = unary('softshrink');
/** With the number `by`. */
export const hardshrink: Unary = unary('hardshrink');
export const tanhshrink: Unary = unary('tanhshrink');

/** An operation whose gradient is 0 wherever it has one. */
function flat(name: string): Operation<void> {
  return {
    ...unary(name),
    backward(_gradient, _inputs, _saved, target) {
      const out = target(0);
      if (out !== undefined) ops['set']!(out, out.length, 0);
    },
  };
}

export const sign: Operation<void> = flat('sign');
export const floor: Operation<void> = flat('floor');
export const ceil: Operation<void> = flat('ceil');
export const round: Operation<void> = flat('round');
export const trunc: Operation<void> = flat('trunc');

export const neg: Operation<void> = {
  ...unary('neg'),
  backward(gradient, _inputs, _saved, target) {
    const out = target(0);
    if (out !== undefined) ops['neg']!(gradient, out, out.length);
  },
};

/** sin(x + quarters·π/2). */
function wave(name: string, quarters: number): Operation<void> {
  return {
    name,
    forward([x]) {
      const source = floatData(name, 'this', x!);
      const data = allocateLike(x!, source.length);
      ops['wave']!(source, data, data.length, quarters);
      return { data, shape: x!.shape };
    },
    backward(gradient, [x], _saved, target) {
      const out = target(0);
      if (out === undefined) return;
      ops['scaled_wave']!(floatData(name, 'this', x!), gradient, out, out.length, quarters + 1);
    },
  };
}

export const sin: Operation<void> = wave('sin', 0);
export const cos: Operation<void> = wave('cos', 1);

/** xʸ of two tensors. */
export const pow: Operation<void> = binary(
  'pow',
  ({ gradient, result, values, target }) => {
    const [x, y] = values();
    const byBase = target(0);
    if (byBase !== undefined) ops['pow_by_base']!(x, y, gradient, byBase, x.length);
    const byExponent = target(1);
    if (byExponent !== undefined) ops['pow_by_exponent']!(x, result, gradient, byExponent, x.length);
  },
  { names: ['this', 'exponent'], byResult: true },
);

/** The smaller or larger of two: the gradient is halved where both are equal. */
function extreme(name: 'minimum' | 'maximum'): Operation<void> {
  return binary(name, ({ gradient, values, target }) => {
    const [x, y] = values();
    const byX = target(0);
    if (byX !== undefined) ops[`${name}_gradient`]!(x, y, gradient, byX, x.length);
    const byY = target(1);
    if (byY !== undefined) ops[`${name}_gradient`]!(y, x, gradient, byY, x.length);
  });
}

export const minimum: Operation<void> = extreme('minimum');
export const maximum: Operation<void> = extreme('maximum');
