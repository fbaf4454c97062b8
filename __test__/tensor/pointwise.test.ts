import { ArgumentError, manualSeed, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';
import { pointwise } from '../oracle/pointwise.ts';

const double = (numbers: readonly number[], requiresGrad = false): Tensor =>
  tensor(Float64Array.from(numbers), { requiresGrad });

test.each(Object.entries(pointwise))('%s has the gradient of central differences', (_, op) => {
  manualSeed(21);
  const x = randn([4, 3], { dtype: 'float64', requiresGrad: true });
  for (let i = 0; i < x.size; i++) if (Math.abs(x.data[i]!) < 0.05) x.data[i] = 0.3;
  const weights = tensor(Float64Array.from({ length: 12 }, (_unused, i) => Math.sin(i + 1))).reshape([4, 3]);
  expect(gradientError([x], () => op(x).mul(weights).sum())).toBeLessThan(DIFFERENCE);
});

/** Values at these points, and the gradients there of their sum: those of PyTorch 2.15. */
const kinks: Record<string, [(x: Tensor) => Tensor, number[], number[], number[]]> = {
  'exp at its limits': [(x) => x.exp(), [-Infinity, 0, Infinity], [0, 1, Infinity], [0, 1, Infinity]],
  'log at 0 and below': [
    (x) => x.log(),
    [-0, 0, Infinity, -1],
    [-Infinity, -Infinity, Infinity, Number.NaN],
    [-Infinity, Infinity, 0, -1],
  ],
  'log1p at -1': [(x) => x.log1p(), [-1, 0, Infinity], [-Infinity, 0, Infinity], [Infinity, 1, 0]],
  'sqrt at 0': [(x) => x.sqrt(), [0, Infinity, -1], [0, Infinity, Number.NaN], [Infinity, 0, Number.NaN]],
  'rsqrt at 0': [(x) => x.rsqrt(), [0, Infinity], [Infinity, 0], [-Infinity, 0]],
  'reciprocal at 0': [
    (x) => x.reciprocal(),
    [-0, 0, Infinity],
    [-Infinity, Infinity, 0],
    [-Infinity, -Infinity, 0],
  ],
  'sin at infinity': [(x) => x.sin(), [0, Infinity], [0, Number.NaN], [1, Number.NaN]],
  'erf at its limits': [(x) => x.erf(), [-Infinity, Infinity], [-1, 1], [0, 0]],
  'sign at 0': [(x) => x.sign(), [-2, 0, 3, -Infinity], [-1, 0, 1, -1], [0, 0, 0, 0]],
  'abs at 0': [(x) => x.abs(), [-2, 0, 3], [2, 0, 3], [-1, 0, 1]],
  'clamp at its bounds': [
    (x) => x.clamp({ min: -1, max: 2 }),
    [-3, -1, 0, 2, 3],
    [-1, -1, 0, 2, 2],
    [0, 0, 1, 0, 0],
  ],
  'clamp below': [(x) => x.clamp({ min: -1 }), [-1, 0, Infinity], [-1, 0, Infinity], [0, 1, 1]],
  'clamp above': [(x) => x.clamp({ max: 2 }), [-Infinity, 0, 2], [-Infinity, 0, 2], [1, 1, 0]],
  'clamp of bounds that are crossed': [
    (x) => x.clamp({ min: 2, max: -1 }),
    [-3, 0, 3],
    [-1, -1, -1],
    [0, 0, 0],
  ],
  'round half to even': [(x) => x.round(), [0.5, 1.5, -0.5, 2.5], [0, 2, -0, 2], [0, 0, 0, 0]],
  'pow of 0 is 1': [(x) => x.pow(0), [0, Infinity, Number.NaN], [1, 1, 1], [0, 0, 0]],
  'pow of 2 at infinity': [(x) => x.pow(2), [-Infinity, 0], [Infinity, 0], [-Infinity, 0]],
  'pow of -1 at 0': [(x) => x.pow(-1), [0, Infinity], [Infinity, 0], [-Infinity, 0]],
  'pow of 1.5 below 0': [
    (x) => x.pow(1.5),
    [-2, 0, Infinity],
    [Number.NaN, 0, Infinity],
    [Number.NaN, 0, Infinity],
  ],
};

test.each(Object.entries(kinks))('%s', (_, [op, points, values, slopes]) => {
  for (const dtype of ['float32', 'float64'] as const) {
    const x = tensor(points, { dtype, requiresGrad: true });
    const y = op(x);
    expect([...y.data].map((v) => v + 0)).toEqual(values.map((v) => v + 0));
    y.sum().backward();
    expect([...x.grad!.data].map((g) => g + 0)).toEqual(slopes.map((g) => g + 0));
  }
});

test('values are those of the functions of JavaScript', () => {
  const numbers = [-2.5, -1, -0.3, 0.2, 0.7, 1, 3.3];
  const x = double(numbers);
  const all: readonly [Tensor, (x: number) => number][] = [
    [x.exp(), Math.exp],
    [x.expm1(), Math.expm1],
    [x.square(), (v) => v * v],
    [x.neg(), (v) => -v],
    [x.abs().log(), (v) => Math.log(Math.abs(v))],
    [x.abs().log1p(), (v) => Math.log1p(Math.abs(v))],
    [x.abs().log2(), (v) => Math.log2(Math.abs(v))],
    [x.abs().log10(), (v) => Math.log10(Math.abs(v))],
    [x.abs().sqrt(), (v) => Math.sqrt(Math.abs(v))],
    [x.abs().rsqrt(), (v) => 1 / Math.sqrt(Math.abs(v))],
    [x.reciprocal(), (v) => 1 / v],
    [x.sin(), Math.sin],
    [x.cos(), Math.cos],
    [x.sign(), Math.sign],
    [x.floor(), Math.floor],
    [x.ceil(), Math.ceil],
    [x.trunc(), Math.trunc],
    [x.pow(2), (v) => v ** 2],
    [x.pow(3), (v) => v ** 3],
    [x.pow(-1), (v) => 1 / v],
    [x.abs().pow(2.2), (v) => Math.abs(v) ** 2.2],
  ];
  for (const [found, exact] of all) {
    for (const [i, v] of numbers.entries()) expect(found.data[i]! - exact(v)).toBeCloseTo(0, 13);
  }
  const erf = [-0.999593047982555, -0.8427007929497149, 0.22270258921047847];
  double([-2.5, -1, 0.2])
    .erf()
    .data.forEach((v, i) => expect(v).toBeCloseTo(erf[i]!, 15));
});

test('a large argument of sine and cosine is reduced exactly', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const x = tensor([1e6, 3e7, 2 ** 100, -(2 ** 100)], { dtype });
    expect([...x.sin().data].every((v, i) => Math.abs(v - Math.sin(x.data[i]!)) < 1e-7)).toBe(true);
    expect([...x.cos().data].every((v, i) => Math.abs(v - Math.cos(x.data[i]!)) < 1e-7)).toBe(true);
  }
});

describe('two tensors', () => {
  const pairs = (
    op: (x: Tensor, y: Tensor) => Tensor,
    first: readonly number[],
    second: readonly number[],
  ): [value: number[], byFirst: number[], bySecond: number[]] => {
    const [x, y] = [double(first, true), double(second, true)];
    const z = op(x, y);
    z.sum().backward();
    return [[...z.data], [...x.grad!.data], [...y.grad!.data]];
  };

  test('equal numbers share the gradient of minimum and maximum, and NaN passes', () => {
    const [x, y] = [
      [1, 2, 2, Number.NaN, 1],
      [2, 1, 2, 1, Number.NaN],
    ];
    expect(pairs((a, b) => a.maximum(b), x, y)).toEqual([
      [2, 2, 2, Number.NaN, Number.NaN],
      [0, 1, 0.5, 1, 1],
      [1, 0, 0.5, 1, 1],
    ]);
    expect(pairs((a, b) => a.minimum(b), x, y)).toEqual([
      [1, 1, 2, Number.NaN, Number.NaN],
      [1, 0, 0.5, 1, 1],
      [0, 1, 0.5, 1, 1],
    ]);
  });

  test('pow has the gradients of PyTorch where x or y is 0', () => {
    const [value, byBase, byExponent] = pairs(
      (a, b) => a.pow(b),
      [0, 0, 0, 0, 2, -2, Number.NaN],
      [0, 2, -1, 0.5, 0, 3, 0],
    );
    expect(value).toEqual([1, 0, Infinity, 0, 1, -8, 1]);
    expect(byBase).toEqual([0, 0, -Infinity, Infinity, 0, 12, 0]);
    expect(byExponent).toEqual([0, 0, -Infinity, 0, Math.LN2, Number.NaN, Number.NaN]);
  });

  test('a clamp by tensors shares the gradient at its bounds', () => {
    const [x, low] = [double([-1, 0, 1], true), double([0, 0, 0], true)];
    x.clamp({ min: low, max: 2 }).sum().backward();
    expect([...x.grad!.data]).toEqual([0, 0.5, 1]);
    expect([...low.grad!.data]).toEqual([1, 0.5, 0]);
  });

  test('nobody asks for a gradient that is not needed', () => {
    const [x, y] = [double([1, 2], true), double([2, 1])];
    for (const op of ['minimum', 'maximum', 'pow'] as const) {
      x[op](y).sum().backward();
      y[op](x).sum().backward();
      expect(y.grad).toBeNull();
    }
  });
});

describe('errors', () => {
  const x = tensor([1, 2]);

  test.each([
    [() => x.clamp({}), 'clamp: `bounds` must be an object with min, max or both, got one with neither'],
    [() => x.clamp({ min: Number.NaN }), 'clamp: `min` must be a number or a tensor, got NaN'],
    [
      () => x.clamp({ max: '2' as unknown as number }),
      "clamp: `max` must be a number or a tensor, got the text '2'",
    ],
    [
      () => x.clamp({ mn: 1 } as object),
      'clamp: `mn` must be an option that exists, got an unknown one. Did you mean min?',
    ],
    [() => x.maximum(tensor([1, 2, 3])), 'maximum: `other` must be of a shape that broadcasts with [2]'],
    [() => x.pow(double([1, 2])), 'pow: `exponent` must be of float32 as this tensor is, got float64'],
    [
      () => tensor(Int32Array.of(1)).exp(),
      'exp: `this` must be a tensor of float32 or float64, got one of int32',
    ],
  ])('%o', (call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
