import { Generator, manualSeed, nn, penalty, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

/** A leaf of normal numbers, none of them near a kink. */
function leaf(shape: readonly number[]): Tensor {
  const x = randn(shape, { dtype: 'float64', requiresGrad: true });
  for (let i = 0; i < x.size; i++) if (Math.abs(x.data[i]!) < 0.05) x.data[i] = 0.3;
  return x;
}

/** A scalar in which every element has a weight of its own, so that a gradient at a wrong place shows. */
function weighted(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i + 1));
  return x.mul(tensor(weights, { shape: x.shape })).sum();
}

const unary: Record<string, (x: Tensor) => Tensor> = {
  'add a number': (x) => x.add(2),
  'sub a number': (x) => x.sub(2),
  'mul by a number': (x) => x.mul(-3),
  'div by a number': (x) => x.div(4),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  square: (x) => x.square(),
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  sum: (x) => x.sum(),
  mean: (x) => x.mean(),
  reshape: (x) => x.reshape([2, -1]),
  flatten: (x) => nn.functional.flatten(x.reshape([3, 1, 2])),
  dropout: (x) => nn.functional.dropout(x, 0.4, { generator: new Generator(3) }),
  squeeze: (x) => x.reshape([1, 2, 3, 1]).squeeze(),
  'mul by itself': (x) => x.mul(x),
  'sub from itself': (x) => x.sub(x.mul(2)),
  'div by itself squared': (x) => x.div(x.square().add(1)),
  penalty: (x) => penalty.elasticNet({ l1: 0.3, l2: 0.2 }).of(x),
  'penalty per sample': (x) => penalty.elasticNet({ l1: 0.3, l2: 0.2 }).of([x, x.mul(2)], { per: 'sample' }),
  'a result used three times': (x) => {
    const y = x.square();
    return y.mul(y).add(y).add(y.relu());
  },
};

test.each(Object.entries(unary))('%s has the gradient of central differences', (_, op) => {
  manualSeed(7);
  const x = leaf([3, 2]);
  expect(gradientError([x], () => weighted(op(x)))).toBeLessThan(DIFFERENCE);
});

test.each(['add', 'sub', 'mul', 'div'] as const)(
  '%s of two tensors has the gradient of central differences',
  (op) => {
    manualSeed(8);
    const [x, y] = [leaf([3, 2]), leaf([3, 2])];
    for (let i = 0; i < y.size; i++) y.data[i] = y.data[i]! + Math.sign(y.data[i]!);
    expect(gradientError([x, y], () => weighted(x[op](y)))).toBeLessThan(DIFFERENCE);
    // Alone, where nobody asks for the gradient of the other one.
    expect(gradientError([x], () => weighted(x[op](y.detach())))).toBeLessThan(DIFFERENCE);
    expect(gradientError([y], () => weighted(x.detach()[op](y)))).toBeLessThan(DIFFERENCE);
  },
);

test.each([
  [3, 4, 2],
  [1, 5, 1],
  [4, 1, 3],
  [1, 1, 7],
  [7, 3, 1],
])('matmul of [%i, %i] and [.., %i] has the gradient of central differences', (m, k, n) => {
  manualSeed(9);
  const [a, b] = [leaf([m, k]), leaf([k, n])];
  expect(gradientError([a, b], () => weighted(a.matmul(b)))).toBeLessThan(DIFFERENCE);
});

describe('layers and losses have the gradients of central differences', () => {
  const dtype = 'float64';

  test.each([true, false])('Linear, with bias: %s', (bias) => {
    manualSeed(10);
    const layer = new nn.Linear(4, 3, { dtype, bias });
    const x = leaf([5, 4]);
    expect(gradientError([x, ...layer.parameters()], () => weighted(layer.forward(x)))).toBeLessThan(
      DIFFERENCE,
    );
  });

  test('Sequential under CrossEntropyLoss', () => {
    manualSeed(11);
    const model = new nn.Sequential(
      new nn.Linear(4, 6, { dtype }),
      new nn.ReLU(),
      new nn.Linear(6, 3, { dtype }),
    );
    const [x, target] = [leaf([5, 4]), tensor(Int32Array.of(0, 2, 1, 1, 0))];
    const loss = new nn.CrossEntropyLoss();
    const error = gradientError([x, ...model.parameters()], () => loss.forward(model.forward(x), target));
    expect(error).toBeLessThan(DIFFERENCE);
  });

  test('MSELoss, by output and by target', () => {
    manualSeed(12);
    const [x, y] = [leaf([4, 2]), leaf([4, 2])];
    expect(gradientError([x, y], () => new nn.MSELoss().forward(x, y))).toBeLessThan(DIFFERENCE);
  });

  test('BCEWithLogitsLoss, by output and by target', () => {
    manualSeed(14);
    const [x, y] = [leaf([4, 2]), leaf([4, 2])];
    const loss = new nn.BCEWithLogitsLoss();
    expect(gradientError([x, y], () => loss.forward(x, y).mul(3))).toBeLessThan(DIFFERENCE);
    expect(gradientError([x], () => loss.forward(x, y.detach()))).toBeLessThan(DIFFERENCE);
  });

  test.each([
    { kernel: 3, stride: 1, padding: 1, bias: true },
    { kernel: 2, stride: 2, padding: 0, bias: true },
    { kernel: 3, stride: 2, padding: 2, bias: false },
    { kernel: 1, stride: 1, padding: 0, bias: true },
    { kernel: [2, 3] as const, stride: [2, 1] as const, padding: [0, 2] as const, dilation: [1, 2] as const },
    { kernel: 2, groups: 2, dilation: 2 },
    { kernel: 3, groups: 4, padding: 1, stride: 2 },
  ])('Conv2d, %o', ({ kernel, ...options }) => {
    manualSeed(15);
    const layer = new nn.Conv2d(4, 8, kernel, { ...options, dtype });
    const x = leaf([9, 4, 5, 4]);
    expect(gradientError([x, ...layer.parameters()], () => weighted(layer.forward(x)))).toBeLessThan(
      DIFFERENCE,
    );
    expect(gradientError(layer.parameters(), () => weighted(layer.forward(x.detach())))).toBeLessThan(
      DIFFERENCE,
    );
  });

  test.each([
    { kernel: 2, stride: 2 },
    { kernel: 3, stride: 1 },
  ])('MaxPool2d, %o', ({ kernel, stride }) => {
    manualSeed(16);
    const x = leaf([2, 2, 5, 4]);
    const layer = new nn.MaxPool2d(kernel, { stride });
    expect(gradientError([x], () => weighted(layer.forward(x)))).toBeLessThan(DIFFERENCE);
  });

  test.each([{ rectified: true }, { rectified: false }])(
    'Conv2d and MaxPool2d in a row, with ReLU between them or not: %o',
    ({ rectified }) => {
      manualSeed(17);
      const convolution = new nn.Conv2d(2, 3, 3, { padding: 1, dtype });
      const model = new nn.Sequential(
        convolution,
        ...(rectified ? [new nn.ReLU()] : []),
        new nn.MaxPool2d(2),
      );
      const x = leaf([3, 2, 5, 6]);
      const inputs = [x, ...convolution.parameters()];
      expect(gradientError(inputs, () => weighted(model.forward(x)))).toBeLessThan(DIFFERENCE);
    },
  );

  test('a loss with penalties added, through a product', () => {
    manualSeed(13);
    const layer = new nn.Linear(3, 2, { dtype });
    const [x, y] = [leaf([4, 3]), leaf([4, 2]).detach()];
    const total = (): Tensor =>
      new nn.MSELoss().forward(layer.forward(x).relu(), y).add(penalty.l2(0.1).of(layer.parameters())).mul(3);
    expect(gradientError(layer.parameters(), total)).toBeLessThan(DIFFERENCE);
  });
});

test('the values of losses are those of their formulas', () => {
  const logits = tensor(
    [
      [1, 2, 0.5],
      [0, -1, 3],
    ],
    { dtype: 'float64' },
  );
  const softmaxLoss = (row: number[], label: number): number =>
    Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[label]!;
  const exact = (softmaxLoss([1, 2, 0.5], 0) + softmaxLoss([0, -1, 3], 2)) / 2;
  const loss = nn.functional.crossEntropy(logits, tensor(Int32Array.of(0, 2)));
  expect(loss.item()).toBeCloseTo(exact, 14);
  expect(nn.functional.mseLoss(tensor([1, 4]), tensor([3, 1])).item()).toBe(6.5);
});

test('large logits neither overflow nor lose the loss', () => {
  const logits = tensor(
    [
      [1000, 0],
      [-1000, 0],
    ],
    { requiresGrad: true },
  );
  const loss = nn.functional.crossEntropy(logits, tensor(Int32Array.of(0, 0)));
  expect(loss.item()).toBe(500);
  loss.backward();
  expect([...logits.grad!.data]).toEqual([0, 0, -0.5, 0.5]);
});

test('the gradient of |x| and of max(x, 0) at their kink is 0', () => {
  for (const op of ['abs', 'relu'] as const) {
    const x = tensor([0, -0], { requiresGrad: true });
    x[op]().sum().backward();
    expect([...x.grad!.data].map((g) => g + 0)).toEqual([0, 0]);
  }
});

test('NaN and infinity pass through operations in their own element', () => {
  const bad = tensor([1, Number.NaN, -1, Infinity, -Infinity]);
  const one = tensor([1, 1, 1, 1, 1]);
  expect([...bad.relu().data]).toEqual([1, Number.NaN, 0, Infinity, 0]);
  expect([...bad.abs().data]).toEqual([1, Number.NaN, 1, Infinity, Infinity]);
  expect([...bad.add(one).data]).toEqual([2, Number.NaN, 0, Infinity, -Infinity]);
  expect([...bad.mul(2).data]).toEqual([2, Number.NaN, -2, Infinity, -Infinity]);
  expect([...one.div(tensor([0, 1, -0, Infinity, 2])).data]).toEqual([Infinity, 1, -Infinity, 0, 0.5]);
  expect(bad.sum().item()).toBeNaN();
  const logits = tensor([
    [1, Number.NaN],
    [0, 0],
  ]);
  expect(nn.functional.crossEntropy(logits, tensor(Int32Array.of(0, 0))).item()).toBeNaN();
});

test('dividing by a number is a division, and a mean one too: rounded once', () => {
  const x = tensor([49, 7, 1, 10], { dtype: 'float64' });
  for (const divisor of [49, 3, 10, 7]) {
    expect([...x.div(divisor).data]).toEqual([49, 7, 1, 10].map((value) => value / divisor));
  }
  const ones = tensor(new Float64Array(49).fill(1));
  expect(ones.mean().item()).toBe(1);
});
