import { ArgumentError, nn, optim, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

const F = nn.functional;
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const softplus = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
const six = (v: number): number => Math.min(Math.max(v + 3, 0), 6) / 6;
/** Φ(1) and its like, by mpmath. */
const cdf: Record<string, number> = {
  '-6': 9.865876450376981e-10,
  '-1': 0.15865525393145707,
  '0.5': 0.6914624612740131,
  '3': 0.9986501019683699,
};

const formulas: Record<string, [(x: Tensor) => Tensor, (v: number) => number]> = {
  relu: [F.relu, (v) => Math.max(v, 0)],
  tanh: [F.tanh, Math.tanh],
  sigmoid: [F.sigmoid, sigmoid],
  relu6: [F.relu6, (v) => Math.min(Math.max(v, 0), 6)],
  leakyRelu: [F.leakyRelu, (v) => (v > 0 ? v : 0.01 * v)],
  'leakyRelu of 0.3': [(x) => F.leakyRelu(x, { negativeSlope: 0.3 }), (v) => (v > 0 ? v : 0.3 * v)],
  elu: [F.elu, (v) => (v > 0 ? v : Math.expm1(v))],
  'elu of 0.7': [(x) => F.elu(x, { alpha: 0.7 }), (v) => (v > 0 ? v : 0.7 * Math.expm1(v))],
  selu: [F.selu, (v) => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * Math.expm1(v))],
  'celu of 2': [(x) => F.celu(x, { alpha: 2 }), (v) => (v > 0 ? v : 2 * Math.expm1(v / 2))],
  gelu: [F.gelu, (v) => v * cdf[v]!],
  'gelu by tanh': [
    (x) => F.gelu(x, { approximate: 'tanh' }),
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  ],
  silu: [F.silu, (v) => v * sigmoid(v)],
  mish: [F.mish, (v) => v * Math.tanh(softplus(v))],
  softplus: [F.softplus, softplus],
  'softplus of 2 and 5': [
    (x) => F.softplus(x, { beta: 2, threshold: 5 }),
    (v) => (2 * v > 5 ? v : softplus(2 * v) / 2),
  ],
  logsigmoid: [F.logsigmoid, (v) => -softplus(-v)],
  hardtanh: [F.hardtanh, (v) => Math.min(Math.max(v, -1), 1)],
  'hardtanh from -2 to 0.25': [
    (x) => F.hardtanh(x, { minVal: -2, maxVal: 0.25 }),
    (v) => Math.min(Math.max(v, -2), 0.25),
  ],
  hardsigmoid: [F.hardsigmoid, six],
  hardswish: [F.hardswish, (v) => v * six(v)],
  softsign: [F.softsign, (v) => v / (1 + Math.abs(v))],
  softshrink: [F.softshrink, (v) => Math.sign(v) * Math.max(Math.abs(v) - 0.5, 0)],
  'hardshrink of 1': [(x) => F.hardshrink(x, { lambd: 1 }), (v) => (Math.abs(v) > 1 ? v : 0)],
  tanhshrink: [F.tanhshrink, (v) => v - Math.tanh(v)],
  threshold: [(x) => F.threshold(x, 0.5, 20), (v) => (v > 0.5 ? v : 20)],
};

test.each(Object.entries(formulas))('%s is its formula', (_, [fn, formula]) => {
  const points = [-6, -1, 0.5, 3];
  const exact = points.map(formula);
  const double = fn(tensor(Float64Array.from(points)));
  const single = fn(tensor(points));
  for (const [i, value] of exact.entries()) {
    expect(Math.abs(double.data[i]! - value)).toBeLessThan(1e-14 * Math.max(1, Math.abs(value)));
    expect(Math.abs(single.data[i]! - value)).toBeLessThan(5e-7 * Math.max(1e-3, Math.abs(value)));
  }
});

/** Gradients of the sum at these points: those of PyTorch 2.15. */
const kinks: Record<string, [(x: Tensor) => Tensor, number[], number[]]> = {
  relu: [F.relu, [-0, 0, 1, Infinity], [0, 0, 1, 1]],
  relu6: [F.relu6, [-1, 0, 3, 6, 7], [0, 0, 1, 0, 0]],
  leakyRelu: [(x) => F.leakyRelu(x, { negativeSlope: 0.25 }), [-Infinity, -0, 0, 1], [0.25, 0.25, 0.25, 1]],
  elu: [(x) => F.elu(x, { alpha: 0.5 }), [-Infinity, -0, 0, Infinity], [0, 0.5, 0.5, 1]],
  celu: [(x) => F.celu(x, { alpha: 2 }), [-Infinity, 0, 1], [0, 1, 1]],
  gelu: [F.gelu, [-100, 0, 100], [0, 0.5, 1]],
  'gelu by tanh': [(x) => F.gelu(x, { approximate: 'tanh' }), [-100, 0, 100], [0, 0.5, 1]],
  silu: [F.silu, [-1000, 0, 1000], [0, 0.5, 1]],
  mish: [F.mish, [-1000, 0, 1000], [0, 0.6, 1]],
  softplus: [(x) => F.softplus(x, { beta: 2, threshold: 5 }), [-1000, 0, 2.75, Infinity], [0, 0.5, 1, 1]],
  logsigmoid: [F.logsigmoid, [-Infinity, 0, Infinity], [1, 0.5, 0]],
  hardtanh: [F.hardtanh, [-2, -1, 0, 1, 2], [0, 0, 1, 0, 0]],
  hardsigmoid: [F.hardsigmoid, [-3, 0, 3], [0, 1 / 6, 0]],
  hardswish: [F.hardswish, [-4, -3, 0, 3, 4], [0, 0, 0.5, 1, 1]],
  softsign: [F.softsign, [-1, 0, 1], [0.25, 1, 0.25]],
  softshrink: [F.softshrink, [-1, -0.5, 0, 0.5, 1], [1, 0, 0, 0, 1]],
  hardshrink: [F.hardshrink, [-1, -0.5, 0, 0.5, 1], [1, 0, 0, 0, 1]],
  tanhshrink: [F.tanhshrink, [-Infinity, 0, Infinity], [1, 0, 1]],
  threshold: [(x) => F.threshold(x, 1, 20), [-Infinity, 1, 2], [0, 0, 1]],
};

test.each(Object.entries(kinks))(
  '%s has the gradients of PyTorch at its kinks',
  (_, [fn, points, slopes]) => {
    const x = tensor(points, { dtype: 'float64', requiresGrad: true });
    fn(x).sum().backward();
    for (const [i, slope] of slopes.entries()) expect(x.grad!.data[i]).toBeCloseTo(slope, 15);
  },
);

test('small values far below 0 are not lost', () => {
  const x = tensor([-5, -12]);
  const [gelu, exact] = [F.gelu(x).data, [-5 * 2.866515718791939e-7, -12 * 1.776482112077679e-33]];
  gelu.forEach((value, i) => expect(value / exact[i]!).toBeCloseTo(1, 6));
  expect(F.softplus(tensor([-80])).data[0]! / Math.exp(-80)).toBeCloseTo(1, 6);
  expect(F.tanhshrink(tensor([1e-3])).data[0]! / (1e-9 / 3)).toBeCloseTo(1, 5);
});

describe('layers', () => {
  const x = tensor([-4, -0.7, 0.3, 2], { shape: [2, 2] });
  const layers: readonly [nn.Module, Tensor][] = [
    [new nn.ReLU(), F.relu(x)],
    [new nn.ReLU6(), F.relu6(x)],
    [new nn.Tanh(), F.tanh(x)],
    [new nn.Sigmoid(), F.sigmoid(x)],
    [new nn.SELU(), F.selu(x)],
    [new nn.SiLU(), F.silu(x)],
    [new nn.Mish(), F.mish(x)],
    [new nn.LogSigmoid(), F.logsigmoid(x)],
    [new nn.Hardsigmoid(), F.hardsigmoid(x)],
    [new nn.Hardswish(), F.hardswish(x)],
    [new nn.Softsign(), F.softsign(x)],
    [new nn.Tanhshrink(), F.tanhshrink(x)],
    [new nn.LeakyReLU({ negativeSlope: 0.2 }), F.leakyRelu(x, { negativeSlope: 0.2 })],
    [new nn.ELU({ alpha: 0.5 }), F.elu(x, { alpha: 0.5 })],
    [new nn.CELU({ alpha: 0.5 }), F.celu(x, { alpha: 0.5 })],
    [new nn.GELU(), F.gelu(x)],
    [new nn.GELU({ approximate: 'tanh' }), F.gelu(x, { approximate: 'tanh' })],
    [new nn.Softplus({ beta: 2 }), F.softplus(x, { beta: 2 })],
    [new nn.Hardtanh({ minVal: -2 }), F.hardtanh(x, { minVal: -2 })],
    [new nn.Softshrink({ lambd: 0.1 }), F.softshrink(x, { lambd: 0.1 })],
    [new nn.Hardshrink(), F.hardshrink(x)],
    [new nn.Threshold(0.1, 5), F.threshold(x, 0.1, 5)],
    [new nn.GLU(), F.glu(x)],
    [new nn.PReLU(), F.prelu(x, tensor([0.25]))],
  ];

  test.each(layers.map(([layer, expected]) => [layer.constructor.name, layer, expected] as const))(
    '%s is its function',
    (_, layer, expected) => {
      expect(layer.forward(x).shape).toEqual(expected.shape);
      expect(layer.forward(x).data).toEqual(expected.data);
    },
  );

  test('a GLU gives half of what it gets, whatever the layers say', () => {
    const model = new nn.Sequential(new nn.Linear(3, 8), new nn.GLU(), new nn.Linear(4, 2));
    expect(model.forward(tensor([[1, 2, 3]])).shape).toEqual([1, 2]);
  });
});

describe('PReLU', () => {
  test.each([
    [[2, 3], 3],
    [[2, 3, 4], 3],
    [[2, 3, 2, 2], 3],
    [[2, 3, 2], 1],
    [[5], 1],
  ])('of shape %o with %i weights has both gradients', (shape, numParameters) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const x = tensor(
      Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
      { shape, requiresGrad: true },
    );
    const layer = new nn.PReLU({ numParameters, dtype: 'float64' });
    layer.weight.data.forEach((_, i, weights) => {
      weights[i] = 0.1 - 0.3 * i;
    });
    const weights = tensor(Float64Array.from({ length: size }, (_, i) => Math.cos(i))).reshape(shape);
    const scalar = (): Tensor => layer.forward(x).mul(weights).sum();
    expect(gradientError([x, layer.weight], scalar)).toBeLessThan(DIFFERENCE);
    expect(gradientError([layer.weight], () => layer.forward(x.detach()).mul(weights).sum())).toBeLessThan(
      DIFFERENCE,
    );
  });

  test('its weight is a parameter, which is not decayed', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.PReLU({ init: 0.5 }));
    expect(model.parameters()).toHaveLength(3);
    expect([...model.parameter('1.weight').data]).toEqual([0.5]);
    const [decayed] = optim.decayGroups(model, { weightDecay: 0.1 });
    expect(decayed!.params).toHaveLength(1);
  });
});

describe('GLU', () => {
  test.each([
    [[4], 0],
    [[2, 4], -1],
    [[2, 4], 0],
    [[3, 4, 2], 1],
    [[3, 4, 2], -1],
  ])('of shape %o along axis %i has the gradient of central differences', (shape, dim) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const x = tensor(
      Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
      { shape, requiresGrad: true },
    );
    const out = F.glu(x, { dim });
    expect(out.size).toBe(size / 2);
    const weights = tensor(Float64Array.from({ length: out.size }, (_, i) => Math.cos(i))).reshape(out.shape);
    expect(gradientError([x], () => F.glu(x, { dim }).mul(weights).sum())).toBeLessThan(DIFFERENCE);
  });

  test('takes the first half of the axis times the logistic function of the second', () => {
    const x = tensor([[1, 2, 0, 100]]);
    expect([...F.glu(x).data]).toEqual([0.5, 2]);
    expect([
      ...F.glu(
        tensor([
          [1, 2],
          [0, 100],
        ]),
        { dim: 0 },
      ).data,
    ]).toEqual([0.5, 2]);
  });
});

describe('errors', () => {
  const x = tensor([[1, 2, 3]]);

  test.each([
    [
      () => F.gelu(x, { approximate: 'tan' as 'tanh' }),
      'gelu: `approximate` must be one of none, tanh, got the text',
    ],
    [() => new nn.GELU({ approximate: 'erf' as 'tanh' }), 'nn.GELU: `approximate` must be one of none, tanh'],
    [
      () => new nn.LeakyReLU({ negative_slope: 1 } as object),
      'nn.LeakyReLU: `negative_slope` must be an option that exists, got an unknown one. Did you mean negativeSlope?',
    ],
    [
      () => F.leakyRelu(x, { negativeSlope: Number.NaN }),
      'leakyRelu: `negativeSlope` must be a finite number, got NaN',
    ],
    [() => F.celu(x, { alpha: 0 }), 'celu: `alpha` must be a number other than 0, got 0'],
    [() => F.softplus(x, { beta: 0 }), 'softplus: `beta` must be a number other than 0, got 0'],
    [() => F.softshrink(x, { lambd: -1 }), 'softshrink: `lambd` must be a finite number >= 0, got -1'],
    [
      () => new nn.Hardtanh({ minVal: 2 }),
      'nn.Hardtanh: `maxVal` must be a number >= minVal, which is 2, got 1',
    ],
    [() => new nn.Threshold(Infinity, 0), 'nn.Threshold: `threshold` must be a finite number, got Infinity'],
    [() => F.glu(x), 'glu: `x` must be of even length along axis 1, got [1, 3]'],
    [() => F.glu(x, { dim: 2 }), 'glu: `dim` must be an axis of a tensor that has 2, got 2'],
    [
      () => F.prelu(x, tensor([1, 2])),
      'prelu: `weight` must be of one element, or of shape [3]: one a channel, got [2]',
    ],
    [
      () => F.prelu(x, tensor(Float64Array.of(1))),
      'prelu: `weight` must be of float32 as `x` is, got float64',
    ],
    [
      () => new nn.PReLU({ numParameters: 0 }),
      'nn.PReLU: `numParameters` must be a whole number >= 1, got 0',
    ],
  ])('%o', (call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
