import { compile, manualSeed, nn, rand, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';
import * as oracle from '../oracle/loss.ts';

const F = nn.functional;
const reductions = ['mean', 'sum', 'none'] as const;
const dtypes = ['float32', 'float64'] as const;
type Precision = (typeof dtypes)[number];

/** A loss of each element: how it is called, what it is, and where its input and target lie. */
interface Elementwise {
  readonly loss: (x: Tensor, y: Tensor, options: nn.functional.LossOptions) => Tensor;
  readonly layer: (options: { reduction?: nn.functional.Reduction }) => nn.Loss;
  readonly each: (x: number, y: number) => number;
  readonly input?: (dtype: Precision) => Tensor;
  readonly target?: (dtype: Precision) => Tensor;
}

const shape = [5, 3];
const normal = (dtype: Precision): Tensor => randn(shape, { dtype });
/** From .1 to .9: off the bounds. */
const probability = (dtype: Precision): Tensor => rand(shape, { dtype }).mul(0.8).add(0.1);

const elementwise: Readonly<Record<string, Elementwise>> = {
  mseLoss: { loss: F.mseLoss, layer: (o) => new nn.MSELoss(o), each: oracle.squared },
  l1Loss: { loss: F.l1Loss, layer: (o) => new nn.L1Loss(o), each: oracle.absolute },
  smoothL1Loss: { loss: F.smoothL1Loss, layer: (o) => new nn.SmoothL1Loss(o), each: oracle.smooth(1) },
  'smoothL1Loss, beta .4': {
    loss: (x, y, o) => F.smoothL1Loss(x, y, { ...o, beta: 0.4 }),
    layer: (o) => new nn.SmoothL1Loss({ ...o, beta: 0.4 }),
    each: oracle.smooth(0.4),
  },
  'smoothL1Loss, beta 0': {
    loss: (x, y, o) => F.smoothL1Loss(x, y, { ...o, beta: 0 }),
    layer: (o) => new nn.SmoothL1Loss({ ...o, beta: 0 }),
    each: oracle.absolute,
  },
  huberLoss: { loss: F.huberLoss, layer: (o) => new nn.HuberLoss(o), each: oracle.huber(1) },
  'huberLoss, delta .6': {
    loss: (x, y, o) => F.huberLoss(x, y, { ...o, delta: 0.6 }),
    layer: (o) => new nn.HuberLoss({ ...o, delta: 0.6 }),
    each: oracle.huber(0.6),
  },
  binaryCrossEntropy: {
    loss: F.binaryCrossEntropy,
    layer: (o) => new nn.BCELoss(o),
    each: oracle.binary,
    input: probability,
    target: probability,
  },
  binaryCrossEntropyWithLogits: {
    loss: F.binaryCrossEntropyWithLogits,
    layer: (o) => new nn.BCEWithLogitsLoss(o),
    each: oracle.logistic(1),
    target: probability,
  },
  klDiv: { loss: F.klDiv, layer: (o) => new nn.KLDivLoss(o), each: oracle.divergence, target: probability },
  'klDiv of a logarithm': {
    loss: (x, y, o) => F.klDiv(x, y, { ...o, logTarget: true }),
    layer: (o) => new nn.KLDivLoss({ ...o, logTarget: true }),
    each: oracle.logDivergence,
  },
};

/** The largest distance, as a share of what is above 1. */
function distance(found: Tensor, expected: readonly number[]): number {
  const data = [...found.data];
  if (data.length !== expected.length) return Infinity;
  return Math.max(...data.map((x, i) => Math.abs(x - expected[i]!) / Math.max(1, Math.abs(expected[i]!))));
}

const bounds = { float32: 1e-5, float64: 1e-13 };
const leaf = (x: Tensor): Tensor => tensor(x.data.slice(), { shape: x.shape, requiresGrad: true });

/** A scalar in which each element counts differently. */
function scalar(loss: Tensor): Tensor {
  if (loss.shape.length === 0) return loss;
  const weights = Float64Array.from({ length: loss.size }, (_, i) => Math.sin(i + 1));
  return loss.mul(tensor(weights, { shape: loss.shape })).sum();
}

describe.each(Object.entries(elementwise))('%s', (_name, { loss, layer, each, input, target }) => {
  const given = (dtype: Precision): readonly [Tensor, Tensor] => {
    manualSeed(11);
    return [leaf((input ?? normal)(dtype)), leaf((target ?? normal)(dtype))];
  };

  test.each(dtypes.flatMap((dtype) => reductions.map((reduction) => [dtype, reduction] as const)))(
    'is PyTorch’s formula in %s, reduced by %s, with weights of samples and without',
    (dtype, reduction) => {
      const [x, y] = given(dtype);
      const losses = oracle.each([...x.data].map((value, i) => each(value, y.data[i]!)));
      const found = loss(x, y, { reduction });
      expect(distance(found, oracle.reduce(losses, reduction))).toBeLessThan(bounds[dtype]);
      const weight = rand([5], { dtype });
      const repeated = [...weight.data].flatMap((w) => [w, w, w]);
      const weighted = loss(x, y, { reduction, sampleWeight: weight });
      expect(distance(weighted, oracle.reduce(losses, reduction, repeated))).toBeLessThan(bounds[dtype]);
      expect([...layer({ reduction }).forward(x, y).data]).toEqual([...found.data]);
      expect([...layer({ reduction }).forward(x, y, weight).data]).toEqual([...weighted.data]);
    },
  );

  test.each(reductions)('has the gradient of central differences, reduced by %s', (reduction) => {
    const [x, y] = given('float64');
    const weight = rand([5, 3], { dtype: 'float64' });
    expect(gradientError([x, y], () => scalar(loss(x, y, { reduction })))).toBeLessThan(DIFFERENCE);
    const weighted = (): Tensor => scalar(loss(x, y, { reduction, sampleWeight: weight }));
    expect(gradientError([x, y], weighted)).toBeLessThan(DIFFERENCE);
    expect(gradientError([y], () => scalar(loss(x.detach(), y, { reduction })))).toBeLessThan(DIFFERENCE);
  });

  test.each(dtypes)('captured, has the bits of the eager call in %s', (dtype) => {
    const [x, y] = given(dtype);
    const weight = rand([5], { dtype });
    const step = (a: Tensor, b: Tensor): Tensor => {
      x.grad = null;
      const value = loss(x.mul(a), b, { reduction: 'mean', sampleWeight: weight });
      value.backward();
      return value;
    };
    const captured = compile(step);
    const one = tensor(Float64Array.of(1), { shape: [1] }).to(dtype);
    for (let t = 0; t < 3; t++) {
      const value = step(one, y.detach()).item();
      const gradient = [...x.grad!.data];
      expect(captured(one, y.detach()).item()).toBe(value);
      expect([...x.grad!.data]).toEqual(gradient);
    }
  });

  test('wants a target of the shape and precision of the input', () => {
    const [x] = given('float64');
    expect(refusal(() => loss(x, randn([3, 5], { dtype: 'float64' }), {}))?.code).toBe('ERR_SHAPE');
    expect(refusal(() => loss(x, randn(shape), {}))?.code).toBe('ERR_TYPE');
    const wrong = refusal(() => loss(x, x, { reduction: 'average' as 'mean' }));
    expect(wrong?.message).toContain('`reduction` must be one of mean, sum, none');
    const weight = rand([3], { dtype: 'float64' });
    const told = refusal(() => loss(x, x.detach(), { sampleWeight: weight }));
    expect(told?.message).toMatch(/: `sampleWeight` must be of the first axes of \[5, 3\], got \[3\]$/);
  });
});

describe.each(dtypes)('weights of elements in %s', (dtype) => {
  test('posWeight multiplies the positive part, weight all of it, neither counts in the mean', () => {
    manualSeed(12);
    const [x, y] = [normal(dtype), probability(dtype)];
    const [p, w] = [rand([3], { dtype }).mul(3), rand([5, 1], { dtype })];
    const losses = [...x.data].map((value, i) => {
      return w.data[Math.floor(i / 3)]! * oracle.logistic(p.data[i % 3]!)(value, y.data[i]!);
    });
    for (const reduction of reductions) {
      const found = F.binaryCrossEntropyWithLogits(x, y, { posWeight: p, weight: w, reduction });
      const expected = oracle.reduce(oracle.each(losses), reduction);
      expect(distance(found, expected)).toBeLessThan(bounds[dtype]);
    }
    const q = rand(shape, { dtype }).mul(0.8).add(0.1);
    const plain = [...q.data].map(
      (value, i) => w.data[Math.floor(i / 3)]! * oracle.binary(value, y.data[i]!),
    );
    const found = F.binaryCrossEntropy(q, y, { weight: w });
    expect(distance(found, oracle.reduce(oracle.each(plain), 'mean'))).toBeLessThan(bounds[dtype]);
  });
});

test('posWeight has the gradient of central differences', () => {
  manualSeed(13);
  const [x, y] = [leaf(normal('float64')), leaf(probability('float64'))];
  const posWeight = rand([3], { dtype: 'float64' }).mul(3);
  const value = (): Tensor => scalar(F.binaryCrossEntropyWithLogits(x, y, { posWeight, reduction: 'none' }));
  expect(gradientError([x, y], value)).toBeLessThan(DIFFERENCE);
});

describe('at the bounds', () => {
  test('logits of ±1000 do not overflow', () => {
    const x = tensor(Float32Array.of(1000, -1000, 1000, -1000));
    const y = tensor(Float32Array.of(1, 0, 0, 1));
    const found = F.binaryCrossEntropyWithLogits(x, y, { reduction: 'none' });
    expect([...found.data]).toEqual([0, 0, 1000, 1000]);
  });

  test('a probability of 0 or 1 costs at most 100, as in PyTorch, and its gradient is finite', () => {
    const x = tensor(Float64Array.of(0, 1, 0, 1), { requiresGrad: true });
    const y = tensor(Float64Array.of(1, 0, 0, 1));
    const found = F.binaryCrossEntropy(x, y, { reduction: 'none' });
    expect(distance(found, [100, 100, 0, 0])).toBe(0);
    found.sum().backward();
    expect(distance(x.grad!, [-1e12, 1e12, 0, 0])).toBe(0);
  });

  test('a target of 0 costs nothing in a divergence', () => {
    const x = tensor(Float64Array.of(-1, -2));
    expect([...F.klDiv(x, tensor(Float64Array.of(0, 1)), { reduction: 'none' }).data]).toEqual([0, 2]);
  });

  test('equal numbers have no gradient in an absolute loss', () => {
    const x = tensor(Float64Array.of(1, 2, 3), { requiresGrad: true });
    F.l1Loss(x, tensor(Float64Array.of(1, 1, 4)), { reduction: 'sum' }).backward();
    expect([...x.grad!.data]).toEqual([0, 1, -1]);
  });

  test('NaN passes', () => {
    const x = tensor(Float64Array.of(NaN));
    const y = tensor(Float64Array.of(0.5));
    for (const { loss } of Object.values(elementwise)) expect(loss(x, y, {}).item()).toBeNaN();
  });
});

test('batchmean divides by the number of samples', () => {
  manualSeed(14);
  const [x, y] = [normal('float64'), probability('float64')];
  const sum = F.klDiv(x, y, { reduction: 'sum' }).item();
  expect(F.klDiv(x, y, { reduction: 'batchmean' }).item()).toBeCloseTo(sum / 5, 12);
  const sampleWeight = rand([5], { dtype: 'float64' });
  const weighted = F.klDiv(x, y, { reduction: 'sum', sampleWeight }).item();
  const found = F.klDiv(x, y, { reduction: 'batchmean', sampleWeight }).item();
  expect(found).toBeCloseTo(weighted / sampleWeight.sum().item(), 12);
});

test.each([
  [() => new nn.HuberLoss({ delta: 0 }), 'nn.HuberLoss: `delta` must be a finite number > 0, got 0'],
  [() => new nn.SmoothL1Loss({ beta: -1 }), 'nn.SmoothL1Loss: `beta` must be a finite number >= 0, got -1'],
  [
    () => new nn.CrossEntropyLoss({ labelSmoothing: 2 }),
    'nn.CrossEntropyLoss: `labelSmoothing` must be a number from 0 to 1, got 2',
  ],
  [
    () => new nn.NLLLoss({ ignoreIndex: 0.5 }),
    'nn.NLLLoss: `ignoreIndex` must be a whole number of 32 bits, got 0.5',
  ],
  [
    () => new nn.MSELoss({ reduce: 'sum' } as object),
    'nn.MSELoss: `reduce` must be an option that exists, got an unknown one',
  ],
])('a layer refuses options that cannot be (%#)', (call, message) => {
  expect(refusal(call)?.message).toContain(message);
});
