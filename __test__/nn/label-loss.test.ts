import { compile, manualSeed, nn, rand, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';
import * as oracle from '../oracle/loss.ts';

const F = nn.functional;
const reductions = ['mean', 'sum', 'none'] as const;
const dtypes = ['float32', 'float64'] as const;
const bounds = { float32: 1e-5, float64: 1e-13 };

/** Shapes of logits: with nothing behind the classes, with places, and without samples. */
const shapes = [[6, 4], [3, 4, 2], [2, 4, 2, 3], [4]] as const;

interface Choice {
  readonly name: string;
  readonly weight: boolean;
  readonly smoothing: number;
  readonly ignore: number;
}

const choices: readonly Choice[] = [
  { name: 'plain', weight: false, smoothing: 0, ignore: -100 },
  { name: 'weights', weight: true, smoothing: 0, ignore: -100 },
  { name: 'smoothing', weight: false, smoothing: 0.2, ignore: -100 },
  { name: 'all of it, and class 1 ignored', weight: true, smoothing: 0.3, ignore: 1 },
  { name: 'all of it, and −1 ignored', weight: true, smoothing: 1, ignore: -1 },
];

/** The classes of each place, one place after another, as labels lie. */
function rowsOf(x: Tensor): number[][] {
  const { shape } = x;
  const classes = shape[shape.length === 1 ? 0 : 1]!;
  const outer = shape.length === 1 ? 1 : shape[0]!;
  const inner = x.size / classes / outer;
  return Array.from({ length: outer * inner }, (_, at) => {
    const start = Math.floor(at / inner) * classes * inner + (at % inner);
    return Array.from({ length: classes }, (_row, c) => x.data[start + c * inner]!);
  });
}

function labelsFor(shape: readonly number[], ignore: number): Tensor {
  const places = shape.length === 1 ? [] : shape.toSpliced(1, 1);
  const count = places.reduce((product, length) => product * length, 1);
  const data = Int32Array.from({ length: count }, (_, i) =>
    i % 5 === 1 && count > 1 ? ignore : (i * 3) % 4,
  );
  if (ignore >= 0 && count === 1) data[0] = ignore + 1;
  return tensor(data, { shape: places });
}

function distance(found: Tensor, expected: readonly number[]): number {
  const data = [...found.data];
  if (data.length !== expected.length) return Infinity;
  return Math.max(...data.map((x, i) => Math.abs(x - expected[i]!) / Math.max(1, Math.abs(expected[i]!))));
}

function scalar(loss: Tensor): Tensor {
  if (loss.shape.length === 0) return loss;
  const weights = Float64Array.from({ length: loss.size }, (_, i) => Math.sin(i + 1));
  return loss.mul(tensor(weights, { shape: loss.shape })).sum();
}

describe.each(shapes.map((shape) => ({ shape })))('logits of $shape', ({ shape }) => {
  describe.each(choices)('$name', ({ weight: withWeight, smoothing, ignore }) => {
    const optionsIn = (dtype: 'float32' | 'float64'): nn.functional.CrossEntropyOptions => ({
      ...(withWeight && { weight: rand([4], { dtype }).add(0.2) }),
      labelSmoothing: smoothing,
      ignoreIndex: ignore,
    });

    test.each(dtypes)('labels in %s are PyTorch’s formula', (dtype) => {
      manualSeed(1);
      const x = randn(shape, { dtype });
      const target = labelsFor(shape, ignore);
      const { weight, ...options } = optionsIn(dtype);
      const given = weight === undefined ? options : { ...options, weight };
      const classWeights = weight === undefined ? {} : { weight: [...weight.data] };
      const rows = rowsOf(x).map(oracle.logSoftmax);
      const losses = oracle.labels(rows, [...target.data], { ...classWeights, ignore, smoothing });
      const sampleWeight = rand(target.shape, { dtype });
      for (const reduction of reductions) {
        const found = F.crossEntropy(x, target, { ...given, reduction });
        expect(distance(found, oracle.reduce(losses, reduction))).toBeLessThan(bounds[dtype]);
        const weighted = F.crossEntropy(x, target, { ...given, reduction, sampleWeight });
        const expected = oracle.reduce(losses, reduction, [...sampleWeight.data]);
        expect(distance(weighted, expected)).toBeLessThan(bounds[dtype]);
        const layer = new nn.CrossEntropyLoss({ ...given, reduction });
        expect([...layer.forward(x, target).data]).toEqual([...found.data]);
      }
    });

    test.each(reductions)('has the gradient of central differences, reduced by %s', (reduction) => {
      manualSeed(2);
      const x = randn(shape, { dtype: 'float64', requiresGrad: true });
      const target = labelsFor(shape, ignore);
      const options = { ...optionsIn('float64'), reduction };
      const value = (): Tensor => scalar(F.crossEntropy(x, target, options));
      expect(gradientError([x], value)).toBeLessThan(DIFFERENCE);
      const { labelSmoothing: _smoothing, ...rest } = options;
      expect(gradientError([x], () => scalar(F.nllLoss(x, target, rest)))).toBeLessThan(DIFFERENCE);
    });
  });

  test.each(dtypes)('probabilities as targets in %s are PyTorch’s formula', (dtype) => {
    manualSeed(3);
    const axis = shape.length === 1 ? 0 : 1;
    const [x, y] = [randn(shape, { dtype }), randn(shape, { dtype }).softmax(axis).contiguous()];
    const weight = rand([4], { dtype });
    const [rows, wanted] = [rowsOf(x).map(oracle.logSoftmax), rowsOf(y)];
    for (const labelSmoothing of [0, 0.25]) {
      const options = { weight: [...weight.data], smoothing: labelSmoothing };
      for (const reduction of reductions) {
        const plain = F.crossEntropy(x, y, { labelSmoothing, reduction });
        const expected = oracle.shares(rows, wanted, { smoothing: labelSmoothing });
        expect(distance(plain, oracle.reduce(expected, reduction))).toBeLessThan(bounds[dtype]);
        const found = F.crossEntropy(x, y, { labelSmoothing, reduction, weight });
        const heavy = oracle.shares(rows, wanted, options);
        expect(distance(found, oracle.reduce(heavy, reduction))).toBeLessThan(bounds[dtype]);
      }
    }
  });

  test('nllLoss of logSoftmax is crossEntropy', () => {
    manualSeed(4);
    const x = randn(shape, { dtype: 'float64' });
    const target = labelsFor(shape, -100);
    const weight = rand([4], { dtype: 'float64' });
    const logs = x.logSoftmax(shape.length === 1 ? 0 : 1);
    const found = F.nllLoss(logs, target, { weight });
    expect(found.item()).toBe(F.crossEntropy(x, target, { weight }).item());
    expect(new nn.NLLLoss({ weight }).forward(logs, target).item()).toBe(found.item());
  });
});

test('probabilities as targets have the gradient of central differences, by both', () => {
  manualSeed(5);
  const x = randn([3, 4, 2], { dtype: 'float64', requiresGrad: true });
  const y = randn([3, 4, 2], { dtype: 'float64' }).softmax(1).contiguous();
  const target = tensor(y.data.slice(), { shape: [3, 4, 2], requiresGrad: true });
  const weight = rand([4], { dtype: 'float64' });
  const value = (): Tensor => F.crossEntropy(x, target, { weight, labelSmoothing: 0.1 });
  expect(gradientError([x, target], value)).toBeLessThan(DIFFERENCE);
});

test('−100 does not count unless another label is said, in one pass or in several', () => {
  manualSeed(6);
  const x = randn([4, 3], { dtype: 'float64', requiresGrad: true });
  const target = tensor(Int32Array.of(2, -100, 0, -100));
  const rows = rowsOf(x).map(oracle.logSoftmax);
  const loss = F.crossEntropy(x, target);
  expect(loss.item()).toBeCloseTo(-(rows[0]![2]! + rows[2]![0]!) / 2, 14);
  expect(gradientError([x], () => F.crossEntropy(x, target))).toBeLessThan(DIFFERENCE);
  expect([...x.grad!.data.subarray(3, 6)]).toEqual([0, 0, 0]);
});

test('where no label counts the mean is NaN and the gradient 0, as in PyTorch', () => {
  const target = tensor(Int32Array.of(-100, -100));
  for (const options of [{}, { labelSmoothing: 0.1 }]) {
    const x = randn([2, 3], { requiresGrad: true });
    const loss = F.crossEntropy(x, target, options);
    expect(loss.item()).toBeNaN();
    loss.backward();
    expect([...x.grad!.data]).toEqual([0, 0, 0, 0, 0, 0]);
  }
});

test.each(dtypes)('captured, it has the bits of the eager call in %s', (dtype) => {
  manualSeed(7);
  const x = randn([5, 3, 2], { dtype, requiresGrad: true });
  const options = { weight: rand([3], { dtype }), labelSmoothing: 0.1, sampleWeight: rand([5], { dtype }) };
  const step = (target: Tensor): Tensor => {
    x.grad = null;
    const value = F.crossEntropy(x, target, options);
    value.backward();
    return value;
  };
  const captured = compile(step);
  for (let t = 0; t < 3; t++) {
    const labels = Int32Array.from({ length: 10 }, (_, i) => (i + t === 4 ? -100 : (i + t) % 3));
    const target = tensor(labels, { shape: [5, 2] });
    const value = step(target).item();
    const gradient = [...x.grad!.data];
    expect(captured(target).item()).toBe(value);
    expect([...x.grad!.data]).toEqual(gradient);
  }
});

describe('what does not fit is refused', () => {
  const x = randn([2, 3]);
  test.each([
    [
      (): unknown => F.crossEntropy(x, tensor(Int32Array.of(0, 3)), { labelSmoothing: 0.1 }),
      'ERR_VALUE',
      '`target[1]` must be a whole number from 0 to 2, got 3',
    ],
    [
      (): unknown => F.crossEntropy(x, tensor(Int32Array.of(0)), { labelSmoothing: 0.1 }),
      'ERR_SHAPE',
      'crossEntropy: `target` must be of shape [2], one class a place, got [1]',
    ],
    [
      (): unknown => F.crossEntropy(x, tensor(Int32Array.of(0, 1)), { weight: randn([2]) }),
      'ERR_SHAPE',
      'crossEntropy: `weight` must be of shape [3], one weight a class, got [2]',
    ],
    [
      (): unknown =>
        F.crossEntropy(x, tensor(Int32Array.of(0, 1)), { weight: randn([3], { dtype: 'float64' }) }),
      'ERR_TYPE',
      "crossEntropy: `weight` must be of float32 as `input` is, got float64. Convert it with to('float32').",
    ],
    [
      (): unknown => F.crossEntropy(x, randn([2, 3]), { ignoreIndex: 1 }),
      'ERR_OPTION',
      'crossEntropy: `ignoreIndex` must be left out where targets are probabilities, got 1. A sample without a target has the sampleWeight 0.',
    ],
    [
      (): unknown => F.nllLoss(x, tensor(Float32Array.of(0, 1))),
      'ERR_TYPE',
      'nllLoss: `target` must be a tensor of int32, got one of float32. Comparisons give one',
    ],
  ])('%#', (call, code, message) => {
    const told = refusal(call);
    expect(told?.message).toContain(message);
    expect(told?.code).toBe(code);
  });
});
