import { ArgumentError, compile, gradcheck, tensor, type Tensor, where } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const relations = {
  eq: (a: number, b: number) => a === b,
  ne: (a: number, b: number) => a !== b,
  lt: (a: number, b: number) => a < b,
  le: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  ge: (a: number, b: number) => a >= b,
} as const;

const values = [Number.NaN, -Infinity, -1, -0, 0, 0.5, 2, Infinity];
const first = values.flatMap((value) => values.map(() => value));
const second = values.flatMap(() => values);

describe.each(Object.entries(relations) as [keyof typeof relations, (a: number, b: number) => boolean][])(
  '%s',
  (name, holds) => {
    test.each(['float32', 'float64'] as const)('of tensors and of numbers, in %s', (dtype) => {
      const [x, y] = [tensor(first, { dtype }), tensor(second, { dtype })];
      const found = x[name](y);
      expect([found.dtype, found.shape, found.requiresGrad]).toEqual(['int32', [64], false]);
      expect([...found.data]).toEqual(first.map((a, i) => Number(holds(a, second[i]!))));
      for (const number of values) {
        expect([...x[name](number).data]).toEqual(first.map((a) => Number(holds(a, number))));
      }
    });

    test('of whole numbers', () => {
      const [x, y] = [tensor(Int32Array.of(1, 2, 3)), tensor(Int32Array.of(3, 2, 1))];
      expect([...x[name](y).data]).toEqual([holds(1, 3), holds(2, 2), holds(3, 1)].map(Number));
      expect([...x[name](1.5).data]).toEqual([holds(1, 1.5), holds(2, 1.5), holds(3, 1.5)].map(Number));
    });
  },
);

test('a number is rounded to the precision of the tensor: 0.1 equals itself', () => {
  expect([...tensor([0.1]).eq(0.1).data]).toEqual([1]);
});

test('logic of int32 tensors, in which every number but 0 is true', () => {
  const [x, y] = [tensor(Int32Array.of(0, 0, -3, 2)), tensor(Int32Array.of(0, 5, 0, 1))];
  expect([...x.logicalAnd(y).data]).toEqual([0, 0, 0, 1]);
  expect([...x.logicalOr(y).data]).toEqual([0, 1, 1, 1]);
  expect([...x.logicalNot().data]).toEqual([1, 1, 0, 0]);
});

test('shapes broadcast, and gradients are summed back', () => {
  const x = tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  const y = tensor([2, 2, 6], { dtype: 'float64', requiresGrad: true });
  expect([...x.gt(y).data]).toEqual([0, 0, 0, 1, 1, 0]);
  where(x.gt(y), x, y).sum().backward();
  expect([...x.grad!.data]).toEqual([0, 0, 0, 1, 1, 0]);
  expect([...y.grad!.data]).toEqual([1, 1, 2]);
  const z = tensor([[3], [1]], { dtype: 'float64', requiresGrad: true });
  x.maximum(z).sum().backward();
  expect([...z.grad!.data]).toEqual([2.5, 0]);
  expect(
    gradcheck((a, b) => a.pow(b), [x, tensor([[0.5], [2]], { dtype: 'float64', requiresGrad: true })]),
  ).toBe(true);
});

describe('where', () => {
  const condition = tensor(Int32Array.of(1, 0, -2));

  test('takes elements, and passes each gradient to where its element came from', () => {
    const [a, b] = [tensor([1, 2, 3], { requiresGrad: true }), tensor([4, 5, 6], { requiresGrad: true })];
    const chosen = where(condition, a, b);
    expect([...chosen.data]).toEqual([1, 5, 3]);
    chosen
      .mul(tensor([7, 8, 9]))
      .sum()
      .backward();
    expect([...a.grad!.data]).toEqual([7, 0, 9]);
    expect([...b.grad!.data]).toEqual([0, 8, 0]);
  });

  test('takes numbers in place of one or both', () => {
    const x = tensor(Float64Array.of(1, 2, 3), { requiresGrad: true });
    expect([...where(condition, x, 0.5).data]).toEqual([1, 0.5, 3]);
    expect(where(condition, 0.5, x).dtype).toBe('float64');
    const numbers = where(condition, 1, -1);
    expect([numbers.dtype, ...numbers.data]).toEqual(['float32', 1, -1, 1]);
  });

  test('what was not taken leaves no trace, not even of NaN', () => {
    const x = tensor([4, 0, 9], { requiresGrad: true });
    where(condition, x.rsqrt(), 0).sum().backward();
    expect([...x.grad!.data].slice(0, 2)).toEqual([-0.0625, Number.NaN]);
    const y = tensor([4, 0, 9], { requiresGrad: true });
    where(y.gt(0), where(y.gt(0), y, 1).rsqrt(), 0)
      .sum()
      .backward();
    expect([...y.grad!.data].slice(0, 2)).toEqual([-0.0625, 0]);
  });
});

test('a captured function returns comparisons anew at each call', () => {
  const captured = compile((x: Tensor) => ({ above: x.gt(0), chosen: where(x.gt(0), x, x.mul(-2)) }));
  const results = [1, 2, 3, 4].map((scale) => captured(tensor([-1, 0, 2]).mul(scale)));
  expect(results.map(({ above }) => [...above.data])).toEqual([1, 2, 3, 4].map(() => [0, 0, 1]));
  expect(results.map(({ chosen }) => Array.from(chosen.data))).toEqual([
    [2, 0, 2],
    [4, 0, 4],
    [6, 0, 6],
    [8, 0, 8],
  ]);
  expect(captured.explain().programs).toHaveLength(1);
});

test.each([
  [() => tensor([1, 2, 3]).lt(tensor([1, 2])), 'lt: `other` must be of a shape that broadcasts with [3]'],
  [
    () => tensor([1]).logicalNot(),
    'logicalNot: `this` must be a tensor of int32, got one of float32. Comparisons give one',
  ],
  [
    () => tensor(Int32Array.of(1)).eq(tensor([1])),
    'eq: `other` must be a tensor of int32, got one of float32',
  ],
  [
    () => where(tensor([1]), tensor([1]), tensor([1])),
    'where: `condition` must be a tensor of int32, got one of float32',
  ],
  [
    () => where(tensor(Int32Array.of(1, 0)), tensor([1, 2, 3]), tensor([1])),
    'where: `condition` must be of a shape that broadcasts with [3]',
  ],
])('%o', (call, message) => {
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(message);
});
