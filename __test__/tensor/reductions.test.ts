import { arange, compile, manualSeed, nn, randn, tensor, type Tensor } from 'ridgeline';
import { expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

/** A scalar in which every element has a weight of its own. */
function weighted(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i + 1));
  return x.mul(tensor(weights, { shape: x.shape })).sum();
}

/** Operations that fold axes, and what they make of the elements that are folded. */
const folds: Record<
  string,
  [(x: Tensor, axes?: number | readonly number[], keep?: boolean) => Tensor, (x: number[]) => number]
> = {
  sum: [(x, axes, keep) => x.sum(axes, keep), (x) => x.reduce((a, b) => a + b, 0)],
  mean: [(x, axes, keep) => x.mean(axes, keep), (x) => x.reduce((a, b) => a + b, 0) / x.length],
  prod: [(x, axes, keep) => x.prod(axes, keep), (x) => x.reduce((a, b) => a * b, 1)],
  var: [(x, axes, keep) => x.var(axes, keep), (x) => variance(x, 1)],
  'var of all there is': [(x, axes, keep) => x.var(axes, keep, { correction: 0 }), (x) => variance(x, 0)],
  std: [(x, axes, keep) => x.std(axes, keep), (x) => Math.sqrt(variance(x, 1))],
  'norm 2': [(x, axes, keep) => x.norm(2, axes, keep), (x) => Math.hypot(...x)],
  'norm 1': [(x, axes, keep) => x.norm(1, axes, keep), (x) => x.reduce((a, b) => a + Math.abs(b), 0)],
  'norm 3': [
    (x, axes, keep) => x.norm(3, axes, keep),
    (x) => x.reduce((a, b) => a + Math.abs(b) ** 3, 0) ** (1 / 3),
  ],
  'norm ∞': [(x, axes, keep) => x.norm(Infinity, axes, keep), (x) => Math.max(...x.map(Math.abs))],
  logsumexp: [
    (x, axes, keep) => x.logsumexp(axes, keep),
    (x) => Math.log(x.reduce((a, b) => a + Math.exp(b), 0)),
  ],
  amax: [(x, axes, keep) => x.amax(axes, keep), (x) => Math.max(...x)],
  amin: [(x, axes, keep) => x.amin(axes, keep), (x) => Math.min(...x)],
};

function variance(x: number[], correction: number): number {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - correction);
}

const axesOfThree = [undefined, 0, 1, -1, [0, 1], [1, 2], [2, 0], [0, 1, 2]] as const;

/** The elements of x[2, 3, 4] that go into each result. */
function groups(x: Tensor, axes: number | readonly number[] | undefined): number[][] {
  const given = axes === undefined ? [0, 1, 2] : [axes].flat();
  const chosen = new Set(given.map((axis) => (axis < 0 ? axis + 3 : axis)));
  const found = new Map<string, number[]>();
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 4; k++) {
        const key = [i, j, k].filter((_, axis) => !chosen.has(axis)).join();
        const group = found.get(key) ?? [];
        group.push(x.data[(i * 3 + j) * 4 + k]!);
        found.set(key, group);
      }
  return [...found.values()];
}

test.each(Object.entries(folds))(
  '%s folds any axes, and has the gradient of central differences',
  (_, [fold, exact]) => {
    manualSeed(3);
    const x = randn([2, 3, 4], { dtype: 'float64', requiresGrad: true });
    for (const axes of axesOfThree) {
      const y = fold(x, axes);
      const wanted = groups(x, axes).map(exact);
      expect(y.size).toBe(wanted.length);
      for (const [i, number] of wanted.entries()) expect(y.data[i]).toBeCloseTo(number, 12);
      const kept = fold(x, axes, true);
      expect(kept.shape.length).toBe(3);
      expect([...kept.data]).toEqual([...y.data]);
      expect(gradientError([x], () => weighted(fold(x, axes)))).toBeLessThan(10 * DIFFERENCE);
      expect(gradientError([x], () => weighted(fold(x.transpose(0, 2), axes)))).toBeLessThan(10 * DIFFERENCE);
    }
  },
);

test('folds of float32 are those of double precision, rounded once', () => {
  manualSeed(4);
  const x = randn([2, 3, 4]);
  for (const [fold, exact] of Object.values(folds)) {
    for (const axes of axesOfThree) {
      const wanted = groups(x, axes).map(exact);
      for (const [i, number] of wanted.entries()) {
        expect(Math.abs(fold(x, axes).data[i]! - number)).toBeLessThan(3e-7 * Math.max(1, Math.abs(number)));
      }
    }
  }
});

test('max and min along an axis tell the first place, which gets the gradient', () => {
  const x = tensor(
    [
      [1, 5, 5],
      [7, 2, 7],
    ],
    { requiresGrad: true },
  );
  const { values, indices } = x.max(1);
  expect([[...values.data], [...indices.data]]).toEqual([
    [5, 7],
    [1, 0],
  ]);
  values.sum().backward();
  expect([...x.grad!.data]).toEqual([0, 1, 0, 1, 0, 0]);
  expect([...x.min(0, true).values.data]).toEqual([1, 2, 5]);
  expect([x.argmax().item(), x.argmin(1).data[1]]).toEqual([3, 1]);
  x.grad = null;
  x.max().backward(); // of all elements: equals share it
  expect([...x.grad!.data]).toEqual([0, 0, 0, 0.5, 0, 0.5]);
});

const maps: Record<string, (x: Tensor) => Tensor> = {
  'softmax 1': (x) => x.softmax(1),
  'softmax -1': (x) => x.softmax(-1),
  'logSoftmax 0': (x) => x.logSoftmax(0),
  'cumsum 1': (x) => x.cumsum(1),
  'cumsum 2': (x) => x.cumsum(2),
  'std 0 at the root': (x) => x.mul(0).add(2).std(0),
  'matmul of batches': (x) => x.matmul(x.transpose(1, 2)),
  'matmul with a matrix': (x) => x.matmul(x.select(0, 0).transpose(0, 1)),
  'matmul with a batch': (x) => x.select(0, 1).transpose(0, 1).matmul(x),
  'matmul with a vector': (x) => x.matmul(x.select(0, 0).select(0, 2)),
  'vector with a matrix': (x) => x.select(0, 0).select(1, 2).matmul(x.select(0, 1)),
  'vector with a vector': (x) => x.select(0, 0).select(1, 2).matmul(x.select(0, 1).select(1, 0)),
  'matmul of transposed views': (x) => x.select(0, 0).transpose(0, 1).matmul(x.select(0, 1)),
  'matmul of a whole transposed': (x) =>
    x
      .reshape([4, 6])
      .transpose(0, 1)
      .matmul(x.reshape([6, 4]).transpose(0, 1)),
  indexSelect: (x) => x.indexSelect(1, tensor(Int32Array.of(2, 0, 2))),
  gather: (x) =>
    x.gather(
      1,
      tensor(
        Int32Array.from({ length: 16 }, (_, i) => i % 3),
        { shape: [2, 2, 4] },
      ),
    ),
  split: (x) => x.split([1, 2], 1)[1]!.mul(x.split(2, 1)[1]!),
  chunk: (x) => x.chunk(2, 2)[0]!,
  'broadcast of a row': (x) => x.add(x.select(0, 0).select(0, 1)),
  'broadcast of a column': (x) => x.mul(x.slice(2, 0, 1)),
  'broadcast both ways': (x) =>
    x
      .slice(0, 0, 1)
      .slice(1, 1, 2)
      .div(x.slice(2, 0, 1).abs().add(1)),
  'broadcast along an axis of one element': (x) => x.slice(0, 0, 1).sub(x.select(0, 1).square()),
  'broadcast of a scalar': (x) => x.sub(x.mean()),
  'to float64': (x) => x.to('float64'),
  clone: (x) => x.clone(),
};

test.each(Object.entries(maps))(
  '%s has the gradient of central differences, eager and captured',
  (_, map) => {
    manualSeed(6);
    const x = randn([2, 3, 4], { dtype: 'float64', requiresGrad: true });
    expect(gradientError([x], () => weighted(map(x)))).toBeLessThan(10 * DIFFERENCE);
    const step = (): Tensor => {
      x.grad = null;
      const y = map(x);
      weighted(y).backward();
      return y;
    };
    const captured = compile(step);
    for (let call = 1; call <= 5; call++) {
      x.data[call] = x.data[call]! * 1.5;
      const y = captured();
      const grad = [...x.grad!.data];
      const wanted = step();
      expect([y.shape, [...y.contiguous().data], grad]).toEqual([
        wanted.shape,
        [...wanted.contiguous().data],
        [...x.grad!.data],
      ]);
    }
  },
);

test('products of batches are those of their matrices', () => {
  manualSeed(1);
  const [a, b] = [randn([2, 1, 3, 4]), randn([5, 4, 2])];
  const c = a.matmul(b);
  expect(c.shape).toEqual([2, 5, 3, 2]);
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 5; j++) {
      const one = a.select(0, i).select(0, 0).matmul(b.select(0, j));
      expect([...c.select(0, i).select(0, j).data]).toEqual([...one.data]);
    }
  }
});

test('a conversion rounds as the element type does', () => {
  const x = tensor([1.7, -1.7, 3e9, NaN]);
  expect([...x.to('int32').data]).toEqual([1, -1, 2 ** 31 - 1, 0]);
  expect([...tensor(Float64Array.of(0.1)).to('float32').data]).toEqual([Math.fround(0.1)]);
  expect(x.to('float32')).toBe(x);
  expect([...tensor(Int32Array.of(3, -4)).to('float64').data]).toEqual([3, -4]);
});

test('axes, shapes and types that do not fit are named', () => {
  const x = arange(6).reshape([2, 3]);
  const cases: readonly [() => unknown, RegExp][] = [
    [() => x.sum(2), /`axis` must be a whole number from -2 to 1, got 2/],
    [() => x.sum([0, -2]), /no axis twice/],
    [() => x.add(arange(4)), /broadcasts with \[2, 3\].*\[4\]/],
    [() => x.add(x.to('float64')), /float32 as this tensor is.*float64.*to\('float32'\)/s],
    [() => x.expand([2, 4]), /\[2, 3\] repeats to/],
    [() => x.permute([0, 0]), /each of the 2 axes once/],
    [() => x.gather(1, tensor([0, 1])), /`index` must be of shape/],
    [() => x.indexSelect(0, tensor(Int32Array.of(2))), /2/],
    [() => x.matmul(x), /matrix of 3 rows/],
    [() => x.norm(0), /`p` must be a finite number > 0/],
    [() => x.var(0, false, { unbiased: true } as object), /unbiased/],
    [() => x.split([1, 1], 1), /add up to 3/],
    [() => x.to('int8' as 'int32'), /int8/],
    [() => nn.functional.linear(x, x.to('float64')), /float32/],
  ];
  for (const [run, message] of cases) expect(run).toThrow(message);
});
