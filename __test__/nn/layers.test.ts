import { Generator, manualSeed, nn, ones, randn, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const F = nn.functional;

describe('Tanh and Sigmoid', () => {
  test('have the values of their formulas, and gradients in terms of them', () => {
    const x = tensor([-2, 0, 0.5], { dtype: 'float64', requiresGrad: true });
    const tanh = new nn.Tanh().forward(x);
    [-2, 0, 0.5].forEach((value, i) => expect(tanh.data[i]).toBeCloseTo(Math.tanh(value), 15));
    tanh.sum().backward();
    expect([...x.grad!.data]).toEqual([...tanh.data].map((y) => 1 - y * y));
    const sigmoid = new nn.Sigmoid().forward(x);
    expect(sigmoid.data[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 15);
    expect(sigmoid.data[1]).toBe(0.5);
    expect(sigmoid.data[2]).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 15);
  });

  test.each(['float32', 'float64'] as const)('have their limits in %s', (dtype) => {
    const x = tensor([-Infinity, -1000, 1000, Infinity, Number.NaN, -0], { dtype });
    expect([...x.tanh().data]).toEqual([-1, -1, 1, 1, Number.NaN, -0]);
    expect([...x.sigmoid().data]).toEqual([0, 0, 1, 1, Number.NaN, 0.5]);
  });
});

describe('BCEWithLogitsLoss', () => {
  test('is the mean of −ln σ(x)·y − ln(1 − σ(x))·(1 − y)', () => {
    const [logits, truth] = [
      [0, 2, -3],
      [1, 0, 0.25],
    ];
    const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
    const terms = logits!.map((x, i) => {
      const y = truth![i]!;
      return -Math.log(sigma(x)) * y - Math.log(1 - sigma(x)) * (1 - y);
    });
    const exact = terms.reduce((sum, term) => sum + term, 0) / 3;
    const loss = F.binaryCrossEntropyWithLogits(
      tensor(logits!, { dtype: 'float64' }),
      tensor(truth!, { dtype: 'float64' }),
    );
    expect(loss.item()).toBeCloseTo(exact, 14);
  });

  test('neither overflows nor loses large logits', () => {
    const x = tensor([1000, -1000, 1000], { requiresGrad: true });
    const loss = new nn.BCEWithLogitsLoss().forward(x, tensor([1, 0, 0.25]));
    expect(loss.item()).toBe(250);
    loss.backward();
    expect([...x.grad!.data]).toEqual([0, 0, 0.25]);
  });

  test('refuses a target of another shape or type', () => {
    const loss = new nn.BCEWithLogitsLoss();
    expect(refusal(() => loss.forward(ones([3, 1]), ones([3])))).toEqual({
      code: 'ERR_SHAPE',
      message: 'binaryCrossEntropyWithLogits: `target` must be of shape [3, 1] as `input` is, got [3]',
    });
    expect(refusal(() => loss.forward(ones([3]), tensor(Int32Array.of(0, 1, 1))))).toEqual({
      code: 'ERR_TYPE',
      message:
        "binaryCrossEntropyWithLogits: `target` must be of float32 as `input` is, got int32. Convert it with to('float32').",
    });
    expect(refusal(() => loss.forward(ones([3]), ones([3], { dtype: 'float64' })))).toEqual({
      code: 'ERR_TYPE',
      message:
        "binaryCrossEntropyWithLogits: `target` must be of float32 as `input` is, got float64. Convert it with to('float32').",
    });
  });
});

describe('Dropout', () => {
  test('zeroes a share p and scales the rest; the gradient goes the same way', () => {
    const x = ones([100, 100], { requiresGrad: true });
    const y = F.dropout(x, 0.2, { generator: new Generator(1) });
    const zeros = [...y.data].filter((value) => value === 0).length;
    // Five standard errors of a share of 10,000.
    expect(Math.abs(zeros / 10_000 - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / 10_000));
    expect(new Set(y.data)).toEqual(new Set([0, Math.fround(1 / (1 - 0.2))]));
    y.sum().backward();
    expect([...x.grad!.data]).toEqual([...y.data]);
  });

  test('with p = 0 keeps everything, with p = 1 nothing', () => {
    const x = randn([50]);
    expect([...F.dropout(x, 0).data]).toEqual([...x.data]);
    expect([...F.dropout(x, 1).data].map((value) => value + 0)).toEqual(Array.from(x.data, () => 0));
  });

  test('repeats with its seed, and draws anew at each call', () => {
    const x = ones([64]);
    const draw = (generator: Generator): number[] => [...F.dropout(x, 0.5, { generator }).data];
    const generator = new Generator(9);
    const first = draw(generator);
    expect(draw(generator)).not.toEqual(first);
    expect(draw(new Generator(9))).toEqual(first);
    manualSeed(4);
    const common = [...new nn.Dropout().forward(x).data];
    manualSeed(4);
    expect([...new nn.Dropout().forward(x).data]).toEqual(common);
  });

  test('is the identity in evaluation', () => {
    const x = ones([8]);
    const layer = new nn.Dropout(0.9);
    expect(layer.eval().forward(x)).toBe(x);
    expect(F.dropout(x, 0.9, { training: false })).toBe(x);
  });

  test.each([
    [() => new nn.Dropout(1.5), 'nn.Dropout: `p` must be a number from 0 to 1, got 1.5'],
    [() => F.dropout(ones([2]), -0.1), 'dropout: `p` must be a number from 0 to 1, got -0.1'],
    [() => F.dropout(ones([2]), Number.NaN), 'dropout: `p` must be a number from 0 to 1, got NaN'],
    [
      () => new nn.Dropout(0.5, { generator: 3 as never }),
      'nn.Dropout: `generator` must be a Generator, got 3',
    ],
    [
      () => F.dropout(ones([2]), 0.5, { trainig: true } as never),
      'dropout: `trainig` must be an option that exists, got an unknown one. Did you mean training?',
    ],
  ])('%s is refused', (call, message) => {
    expect(refusal(call)?.message).toBe(message);
  });
});

describe('Flatten', () => {
  test('keeps samples, and the memory', () => {
    const x = randn([2, 3, 4]);
    const y = new nn.Flatten().forward(x);
    expect(y.shape).toEqual([2, 12]);
    expect(y.data).toBe(x.data);
    expect(F.flatten(ones([0, 3, 4])).shape).toEqual([0, 12]);
  });

  test('refuses what has no second axis', () => {
    expect(refusal(() => F.flatten(ones([3])))).toEqual({
      code: 'ERR_SHAPE',
      message: 'flatten: `x` must be a tensor of at least 2 axes, samples first, got [3]',
    });
  });
});

describe('MaxPool2d', () => {
  test('gives the maximum of each window, and its gradient to the first of equals', () => {
    const x = tensor([1, 2, 5, 5, 4, 3, 5, 5, 0, 0, 0, 0, 0, 0, 0, 9], { requiresGrad: true });
    const y = new nn.MaxPool2d(2).forward(x.reshape([1, 1, 4, 4]));
    expect(y.shape).toEqual([1, 1, 2, 2]);
    expect([...y.data]).toEqual([4, 5, 0, 9]);
    y.mul(tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] }))
      .sum()
      .backward();
    expect([...x.grad!.data]).toEqual([0, 0, 2, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 4]);
  });

  test('leaves out what does not fill a window, lets windows overlap, and passes NaN on', () => {
    const x = tensor([1, 2, 3, 4, 5, Number.NaN, 7, 8, 9]).reshape([1, 1, 3, 3]);
    expect([...F.maxPool2d(x, 2).data]).toEqual([5]);
    expect([...F.maxPool2d(x, 2, { stride: 1 }).data]).toEqual([5, Number.NaN, 8, Number.NaN]);
  });

  test.each([
    [() => new nn.MaxPool2d(0), 'nn.MaxPool2d: `kernelSize` must be a whole number >= 1, got 0'],
    [
      () => F.maxPool2d(ones([1, 1, 4, 4]), 2, { stride: -1 }),
      'maxPool2d: `stride` must be a whole number >= 1, got -1',
    ],
    [
      () => F.maxPool2d(ones([1, 1, 2, 4]), 3),
      'maxPool2d: `x` must be of images of at least [3, 3], the size of a window, got [1, 1, 2, 4]',
    ],
    [
      () => F.maxPool2d(ones([4, 4]), 2),
      'maxPool2d: `x` must be [samples, channels, height, width], got [4, 4]',
    ],
  ])('%s is refused', (call, message) => {
    expect(refusal(call)?.message).toBe(message);
  });
});
