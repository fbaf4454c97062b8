import {
  compile,
  data,
  evaluate,
  manualSeed,
  nn,
  optim,
  predict,
  randn,
  report,
  tensor,
  type Tensor,
} from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw, sameBits, unit } from '../oracle/draw.ts';

const dtypes = ['float32', 'float64'] as const;
const values = (tensors: readonly Tensor[]): number[][] => tensors.map(({ data: array }) => [...array]);

/** A layer of three weights and no bias, whose output for the identity is its weights. */
function layer(dtype: 'float32' | 'float64' = 'float64'): nn.Linear {
  return new nn.Linear(3, 1, { dtype, bias: false });
}

describe('the averages of PyTorch 2.15, swa_utils.AveragedModel', () => {
  const states = [
    [1.5, -2, 0.25],
    [0.5, 3, -1],
    [2.25, 0.125, 4],
    [-1, 0.75, -0.5],
    [0.3, -0.6, 0.9],
  ];
  test.each([
    [
      'get_ema_avg_fn(0.9)',
      { kind: 'ema', decay: 0.9 },
      [
        [1.5, -2, 0.25],
        [1.4000000000000001, -1.5, 0.12500000000000003],
        [1.485, -1.3375000000000001, 0.5125],
        [1.2365, -1.1287500000000001, 0.41125],
        [1.14285, -1.0758750000000001, 0.460125],
      ],
    ],
    [
      'AveragedModel(model)',
      {},
      [
        [1.5, -2, 0.25],
        [1, 0.5, -0.375],
        [1.4166666666666667, 0.375, 1.0833333333333333],
        [0.8125, 0.46875, 0.6875],
        [0.71, 0.255, 0.73],
      ],
    ],
  ] as const)('%s', (_, options, expected) => {
    const model = layer();
    const averaged = new optim.AveragedModel(model, options);
    for (const [i, state] of states.entries()) {
      model.weight.data.set(state);
      averaged.updateParameters();
      expect(averaged.nAveraged).toBe(i + 1);
      averaged.parameters()[0]!.data.forEach((got, at) => {
        expect(Math.abs(got - expected[i]![at]!)).toBeLessThan(1e-15);
      });
    }
    expect([...model.weight.data]).toEqual(states.at(-1));
  });
});

describe.each(dtypes)('in %s', (dtype) => {
  test.each([
    ['ema', { kind: 'ema', decay: 0.95 }],
    ['ema by its default decay', { kind: 'ema' }],
    ['swa', { kind: 'swa' }],
    ['ema from the fourth update on', { kind: 'ema', decay: 0.5, start: 4 }],
    ['swa from the fourth update on', { kind: 'swa', start: 4 }],
  ] as const)('%s follows the formula in double precision', (_, options) => {
    const { kind, decay = 0.999, start = 1 } = { decay: undefined, start: undefined, ...options };
    const model = new nn.Linear(37, 5, { dtype });
    const averaged = new optim.AveragedModel(model, options);
    const exact = model.parameters().map(({ size }) => new Float64Array(size));
    for (let update = 1; update <= 12; update++) {
      for (const [i, { data: weights }] of model.parameters().entries()) {
        weights.set(draw(dtype, weights.length, 100 * update + i));
        const n = update - start; // averaged so far
        exact[i] = exact[i]!.map((old, at) => {
          const w = weights[at]!;
          if (n <= 0) return w;
          return kind === 'ema' ? decay * old + (1 - decay) * w : old + (w - old) / (n + 1);
        });
      }
      averaged.updateParameters();
      expect(averaged.nAveraged).toBe(Math.max(0, update - start + 1));
    }
    averaged.parameters().forEach(({ data: got }, i) => {
      got.forEach((value, at) => {
        expect(Math.abs(value - exact[i]![at]!)).toBeLessThan(12 * 20 * unit[dtype]);
      });
    });
  });

  test.each(['ema', 'swa'] as const)(
    'a captured step that averages (%s) has the bits of the step as written',
    (kind) => {
      const run = (captured: boolean): Tensor[] => {
        manualSeed(4);
        const model = new nn.Sequential(
          new nn.Linear(6, 9, { dtype }),
          new nn.Tanh(),
          new nn.Linear(9, 2, { dtype }),
        );
        const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
        const averaged = new optim.AveragedModel(model, { kind, start: 3 });
        const [x, y] = [randn([8, 6], { dtype }), randn([8, 2], { dtype })];
        const step = (): Tensor => {
          optimizer.zeroGrad();
          nn.functional.mseLoss(model.forward(x), y).backward();
          optimizer.step();
          averaged.updateParameters();
          return averaged.forward(x).mul(1);
        };
        const go = captured ? compile(step) : step;
        const outputs = Array.from({ length: 9 }, () => go());
        return [...outputs, ...model.parameters(), ...averaged.parameters()];
      };
      const [written, captured] = [run(false), run(true)];
      for (const [i, tensors] of written.entries())
        expect(sameBits(tensors.data, captured[i]!.data)).toBe(true);
    },
  );
});

describe('the averaged model', () => {
  const { validation } = data.loadDigits();
  const build = (): { model: nn.Module; averaged: optim.AveragedModel } => {
    manualSeed(2);
    const model = new nn.Sequential(new nn.Linear(64, 8), new nn.ReLU(), new nn.Linear(8, 10));
    const averaged = new optim.AveragedModel(model);
    averaged.updateParameters();
    for (const { data: weights } of model.parameters()) weights.set(weights.map((w) => 3 * w + 1));
    averaged.updateParameters();
    return { model, averaged };
  };

  test('computes with the averages, and leaves the weights every bit', () => {
    const { model, averaged } = build();
    const before = values(model.parameters());
    const output = averaged.forward(validation.x);
    expect(values(model.parameters())).toEqual(before);
    expect(output.requiresGrad).toBe(false);
    averaged.parameters().forEach((average, i) => model.parameters()[i]!.data.set(average.data));
    expect([...output.data]).toEqual([...model.forward(validation.x).data]);
  });

  test('is evaluated, predicted with and reported of like any other', () => {
    const { model, averaged } = build();
    const loss = new nn.CrossEntropyLoss();
    const score = evaluate(averaged, validation, loss);
    const predicted = predict(averaged, validation.x);
    const sparsity = report.sparsity(averaged);
    expect(sparsity.parameters.map(({ name, kind }) => [name, kind])).toEqual(
      model.describeParameters().map(({ name, kind }) => [name, kind]),
    );
    averaged.swap();
    expect(evaluate(model, validation, loss)).toEqual(score);
    expect([...model.forward(validation.x).data]).toEqual([...predicted.data]);
    expect(report.sparsity(model)).toEqual(sparsity);
  });

  test('swaps the averages into the model, and the weights back, every bit', () => {
    const { model, averaged } = build();
    const [weights, averages] = [values(model.parameters()), values(averaged.parameters())];
    averaged.swap();
    expect(values(model.parameters())).toEqual(averages);
    expect(values(averaged.parameters())).toEqual(averages);
    expect([...averaged.forward(validation.x).data]).toEqual([...model.forward(validation.x).data]);
    expect(refusal(() => averaged.updateParameters())).toMatchObject({ code: 'ERR_STATE' });
    averaged.swap();
    expect(values(model.parameters())).toEqual(weights);
    expect(values(averaged.parameters())).toEqual(averages);
  });

  test('a swap is a change in place: a graph from before it says so', () => {
    const { model, averaged } = build();
    const loss = model.forward(validation.x).mean();
    averaged.forward(validation.x);
    loss.backward(); // nothing has changed
    const again = model.forward(validation.x).mean();
    averaged.swap();
    expect(refusal(() => again.backward())?.message).toContain('was updated in place after the forward pass');
  });

  test('use() puts the weights back, also when the body throws, and refuses what goes on later', () => {
    const { model, averaged } = build();
    const before = values(model.parameters());
    expect(averaged.use(() => averaged.use(() => values(model.parameters())))).toEqual(
      values(averaged.parameters()),
    );
    expect(() =>
      averaged.use(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(values(model.parameters())).toEqual(before);
    expect(refusal(() => averaged.use(async () => 1))?.message).toBe(
      'optim.AveragedModel.use: `body` must be a synchronous function, got an asynchronous one',
    );
    expect(values(model.parameters())).toEqual(before);
    expect(refusal(() => averaged.use(() => averaged.swap()))?.code).toBe('ERR_STATE');
    expect(values(model.parameters())).toEqual(before);
  });

  test('shares the mode of the model, and no parameter that could be trained', () => {
    const { model, averaged } = build();
    model.eval();
    predict(averaged, validation.x);
    expect([model.training, averaged.training]).toEqual([false, false]);
    averaged.train();
    expect(model.training).toBe(true);
    expect(refusal(() => new optim.SGD(averaged.parameters(), { lr: 1 }))?.message).toContain(
      'require a gradient',
    );
  });

  test('a captured function may not swap, nor look at the count', () => {
    const { averaged } = build();
    expect(refusal(() => compile(() => averaged.swap())())?.message).toContain(
      'the captured function changes which weights a model has',
    );
    expect(refusal(() => compile(() => averaged.nAveraged)())?.message).toContain('looks at nAveraged');
  });

  test('a captured function that runs it has another program while the averages are swapped in', () => {
    const { model, averaged } = build();
    const x = validation.rows(0, 5).x;
    const run = compile((input: Tensor) => averaged.forward(input).mul(1));
    const expected = [...run(x).data];
    for (let call = 0; call < 6; call++) {
      averaged.swap();
      expect([...run(x).data]).toEqual(expected);
    }
    expect(run.explain().programs).toHaveLength(2);
    expect([...model.forward(x).data]).not.toEqual(expected);
  });
});

test.each<readonly [string, () => unknown, string]>([
  [
    'no model',
    () => new optim.AveragedModel([] as never),
    'optim.AveragedModel: `model` must be a module, got an array of 0',
  ],
  [
    'another kind',
    () => new optim.AveragedModel(layer(), { kind: 'mean' as never }),
    "optim.AveragedModel: `kind` must be one of ema, swa, got the text 'mean'",
  ],
  [
    'a decay above 1',
    () => new optim.AveragedModel(layer(), { kind: 'ema', decay: 1.1 }),
    '`decay` must be a number from 0 to 1, got 1.1',
  ],
  [
    'a decay of equal weights',
    () => new optim.AveragedModel(layer(), { decay: 0.9 }),
    "`decay` must be left out for kind 'swa', got 0.9. All states count alike in 'swa'. Did you mean kind: 'ema'?",
  ],
  [
    'a start before the first update',
    () => new optim.AveragedModel(layer(), { start: 0 }),
    '`start` must be a whole number >= 1, got 0',
  ],
  [
    'an unknown option',
    () => new optim.AveragedModel(layer(), { decays: 0.9 } as never),
    'Did you mean decay?',
  ],
])('%s: refused', (_, call, message) => {
  const thrown = refusal(call);
  expect(thrown?.code).toMatch(/^ERR_/u);
  expect(thrown?.message).toContain(message);
});

test('parameters over the user’s own plain arrays are averaged as well', () => {
  class Own extends nn.Module {
    readonly weight = tensor(Float32Array.of(1, 2, 3), { shape: [1, 3], requiresGrad: true });
    override forward(x: Tensor): Tensor {
      return nn.functional.linear(x, this.weight);
    }
  }
  const model = new Own();
  const averaged = new optim.AveragedModel(model);
  averaged.updateParameters();
  model.weight.data.fill(5);
  averaged.updateParameters();
  expect([
    ...averaged.forward(
      tensor([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    ).data,
  ]).toEqual([3, 3.5, 4]);
  expect([...model.weight.data]).toEqual([5, 5, 5]);
});
