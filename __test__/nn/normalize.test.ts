import { compile, manualSeed, nn, optim, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

const F = nn.functional;

/** A scalar in which every element has a weight of its own. */
function weighted(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i + 1));
  return x.mul(tensor(weights, { shape: x.shape })).sum();
}

const leaf = (shape: readonly number[]): Tensor => randn(shape, { dtype: 'float64', requiresGrad: true });

/** √x, of numbers. */
function root(x: Tensor): Tensor {
  return tensor(Float64Array.from(x.data, Math.sqrt), { shape: x.shape });
}

/** (x − mean)/√(variance + eps) over these axes, by the reductions of tensors. */
function plainly(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const centered = x.sub(x.mean(axes, true));
  const variance = centered.square().mean(axes, true);
  return centered.div(root(variance.add(eps)));
}

const cases: readonly [
  string,
  (x: Tensor, w?: Tensor, b?: Tensor) => Tensor,
  (x: Tensor) => Tensor,
  number,
][] = [
  ['layerNorm', (x, weight, bias) => F.layerNorm(x, [5], { weight, bias }), (x) => plainly(x, [3], 1e-5), 5],
  ['batchNorm', (x, weight, bias) => F.batchNorm(x, { weight, bias }), (x) => plainly(x, [0, 2, 3], 1e-5), 4],
  [
    'instanceNorm',
    (x, weight, bias) => F.instanceNorm(x, { weight, bias }),
    (x) => plainly(x, [2, 3], 1e-5),
    4,
  ],
  [
    'groupNorm',
    (x, weight, bias) => F.groupNorm(x, 2, { weight, bias }),
    (x) => plainly(x.reshape([3, 2, -1]), [2], 1e-5).reshape(x.shape),
    4,
  ],
  [
    'rmsNorm',
    (x, weight) => F.rmsNorm(x, [5], { weight, eps: 1e-5 }),
    (x) => x.div(root(x.square().mean(-1, true).add(1e-5))),
    5,
  ],
];

describe.each(cases)('%s', (_, norm, reference, width) => {
  const last = width === 5;

  test('is what its formula says, with and without weight and bias', () => {
    manualSeed(1);
    const [x, w, b] = [leaf([3, 4, 2, 5]), leaf([width]), leaf([width])];
    const along = (p: Tensor): Tensor => (last ? p : p.reshape([width, 1, 1]));
    const scaled = reference(x).mul(along(w));
    const wanted = [reference(x), scaled, norm === cases[4]![1] ? scaled : scaled.add(along(b))];
    const got = [norm(x), norm(x, w), norm(x, w, b)];
    for (const [i, y] of got.entries()) {
      for (const [at, number] of y.data.entries()) expect(number).toBeCloseTo(wanted[i]!.data[at]!, 12);
    }
  });

  test('has the gradients of central differences', () => {
    manualSeed(2);
    const [x, w, b] = [leaf([3, 4, 2, 5]), leaf([width]), leaf([width])];
    expect(gradientError([x], () => weighted(norm(x)))).toBeLessThan(10 * DIFFERENCE);
    const withBias = norm !== cases[4]![1];
    const leaves = withBias ? [x, w, b] : [x, w];
    expect(gradientError(leaves, () => weighted(norm(x, w, b)))).toBeLessThan(10 * DIFFERENCE);
    expect(gradientError([x], () => weighted(norm(x.transpose(2, 3).transpose(2, 3), w, b)))).toBeLessThan(
      10 * DIFFERENCE,
    );
  });
});

test('BatchNorm keeps running statistics, uses them in evaluation, and calls them as PyTorch does', () => {
  manualSeed(3);
  const layer = new nn.BatchNorm1d(3, { dtype: 'float64', momentum: 0.3 });
  const [mean, variance] = [new Float64Array(3), new Float64Array(3).fill(1)];
  for (let batch = 0; batch < 4; batch++) {
    const x = randn([6, 3], { dtype: 'float64' }).mul(2).add(1);
    layer.forward(x);
    for (let c = 0; c < 3; c++) {
      const column = x.select(1, c);
      mean[c] = 0.7 * mean[c]! + 0.3 * column.mean().item();
      variance[c] = 0.7 * variance[c]! + 0.3 * column.var().item();
    }
  }
  for (let c = 0; c < 3; c++) {
    expect(layer.runningMean!.data[c]).toBeCloseTo(mean[c]!, 12);
    expect(layer.runningVar!.data[c]).toBeCloseTo(variance[c]!, 12);
  }
  expect(Object.keys(layer.stateDict())).toEqual([
    'weight',
    'bias',
    'running_mean',
    'running_var',
    'num_batches_tracked',
  ]);
  expect(layer.numBatchesTracked!.item()).toBe(4);
  layer.eval();
  const x = leaf([2, 3]);
  const y = layer.forward(x);
  for (let i = 0; i < 6; i++) {
    expect(y.data[i]).toBeCloseTo((x.data[i]! - mean[i % 3]!) / Math.sqrt(variance[i % 3]! + 1e-5), 12);
  }
  expect(gradientError([x, layer.weight!, layer.bias!], () => weighted(layer.forward(x)))).toBeLessThan(
    DIFFERENCE,
  );
  expect(layer.numBatchesTracked!.item()).toBe(4);
});

test('captured steps update running statistics as eager ones do, in training and evaluation', () => {
  const build = () => {
    manualSeed(4);
    const model = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.BatchNorm1d(4),
      new nn.LayerNorm(4),
      new nn.RMSNorm(4),
    );
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const step = (x: Tensor): Tensor => {
      const loss = model.forward(x).square().mul(2).sub(1).square().mean();
      if (!model.training) return loss;
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    return { model, step };
  };
  const [eager, native] = [build(), build()];
  const captured = compile(native.step);
  manualSeed(5);
  for (let call = 1; call <= 9; call++) {
    for (const { model } of [eager, native]) model.train(call % 3 !== 0);
    const x = randn([5, 3]);
    expect(captured(x).item()).toBe(eager.step(x).item());
    const states = [eager, native].map(({ model }) =>
      Object.values(model.stateDict()).map(({ data }) => Array.from(data)),
    );
    expect(states[1]).toEqual(states[0]);
  }
});

test('what does not fit is named', () => {
  const x = randn([4, 3]);
  const calls: readonly [() => unknown, RegExp][] = [
    [() => new nn.BatchNorm1d(4).forward(x), /\[samples, 4\]/],
    [() => new nn.BatchNorm2d(3).forward(x), /height, width/],
    [() => new nn.BatchNorm1d(3).forward(randn([1, 3])), /no variance/],
    [() => F.layerNorm(x, [4]), /ends with \[4\]/],
    [() => F.layerNorm(x, [3], { weight: randn([2]) }), /`weight` must be of shape \[3\]/],
    [() => F.layerNorm(x, [3], { eps: 0 }), /`eps` must be a finite number > 0/],
    [() => F.groupNorm(x, 2), /multiple of 2/],
    [() => new nn.GroupNorm(2, 3), /multiple of 2 groups/],
    [() => new nn.LayerNorm(3, { afine: true } as object), /afine/],
    [() => F.batchNorm(x, { momentum: 2 }), /momentum/],
  ];
  for (const [call, message] of calls) expect(call).toThrow(message);
});
