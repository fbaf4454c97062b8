/** What the compiler refuses, beside what is refused at run time: each line below an expect-error must fail to compile. */
import { kernels, nn, optim, penalty, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const width: number = 16;

test('models that fit compile, with widths as literals, as numbers, and with layers that keep the width', () => {
  const models: nn.Module[] = [
    new nn.Sequential(),
    new nn.Sequential(new nn.ReLU()),
    new nn.Sequential(new nn.Linear(64, 128), new nn.ReLU(), new nn.Linear(128, 10)),
    new nn.Sequential(
      new nn.Linear(64, 32),
      new nn.Linear(32, 32),
      new nn.ReLU(),
      new nn.ReLU(),
      new nn.Linear(32, 1),
    ),
    new nn.Sequential(new nn.Linear(64, width), new nn.ReLU(), new nn.Linear(width, 10)),
    new nn.Sequential(new nn.Linear(width, 8), new nn.Linear(8, width)),
    new nn.Sequential(new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU()), new nn.Linear(3, 2)),
    new nn.Sequential(...[1, 2, 3].map(() => new nn.Linear<number, number>(4, 4))),
  ];
  for (const model of models) expect(model).toBeInstanceOf(nn.Module);
});

test('a layer knows its widths as literal types', () => {
  const layer = new nn.Linear(64, 128);
  const [inputs, outputs]: [64, 128] = [layer.inFeatures, layer.outFeatures];
  expect([inputs, outputs]).toEqual([64, 128]);
});

describe('a layer that does not fit is refused by the compiler and by the constructor', () => {
  test('at once', () => {
    // @ts-expect-error a layer with 128 outputs cannot feed a layer of 64 inputs
    const thrown = refusal(() => new nn.Sequential(new nn.Linear(64, 128), new nn.Linear(64, 10)));
    expect(thrown).toEqual({
      code: 'ERR_SHAPE',
      message:
        'nn.Sequential: `layers[1]` must be a layer of 128 inputs, for the one before it has 128 outputs, ' +
        'got Linear of 64 inputs',
    });
  });

  test('behind layers that keep the width', () => {
    // @ts-expect-error a layer with 3 outputs cannot feed a layer of 4 inputs
    const thrown = refusal(() => new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(4, 1)));
    expect(thrown?.code).toBe('ERR_SHAPE');
  });

  test('after one that does', () => {
    const thrown = refusal(
      // @ts-expect-error a layer with 4 outputs cannot feed a layer of 5 inputs
      () => new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 4), new nn.Linear(5, 6)),
    );
    expect(thrown?.message).toContain('`layers[2]`');
  });

  test('with widths that only the run knows, by the constructor alone', () => {
    const thrown = refusal(() => new nn.Sequential(new nn.Linear(2, width), new nn.Linear(width + 1, 1)));
    expect(thrown?.message).toContain('must be a layer of 16 inputs');
  });

  test('where it is no layer', () => {
    // @ts-expect-error a function is no layer
    const thrown = refusal(() => new nn.Sequential(new nn.Linear(2, 3), (x: number) => x));
    expect(thrown?.code).toMatch(/^ERR_/u);
  });
});

describe('unknown options and wrong arguments do not compile', () => {
  const w = tensor([1], { requiresGrad: true });
  const [a, b] = [Float32Array.of(1), Float32Array.of(1)];
  const calls: Record<string, () => unknown> = {
    // @ts-expect-error no such option
    'kernels.sgd': () => kernels.sgd(a, b, { lr: 0.1, momentun: 0.9 }),
    // @ts-expect-error a step is needed
    'kernels.adam': () => kernels.adam(a, b, new Float32Array(1), new Float32Array(1), { lr: 0.1 }),
    // @ts-expect-error strengths are an object
    'kernels.penaltyValue': () => kernels.penaltyValue(a, 0.1),
    // @ts-expect-error whole numbers have no penalty
    'kernels.prox': () => kernels.prox(Int32Array.of(1), 1, { l1: 1 }),
    // @ts-expect-error Adam needs m and v
    'kernels.bind': () => kernels.bind('adam', { weights: a, grads: b }),
    // @ts-expect-error no such kind
    'kernels.bind kind': () => kernels.bind('lamb', { weights: a, grads: b }),
    // @ts-expect-error no such decay
    'optim.AdamW': () => new optim.AdamW([w], { decay: 'none' }),
    // @ts-expect-error no such option
    'optim.SGD': () => new optim.SGD([w], { learningRate: 0.1 }),
    // @ts-expect-error a penalty is no number
    'a penalty as a number': () => new optim.SGD([w], { penalty: 0.1 }),
    // @ts-expect-error Adam has no momentum
    'optim.Adam': () => new optim.Adam([w], { momentum: 0.9 }),
    // @ts-expect-error a model is no list of parameters
    'a model': () => new optim.SGD(new nn.Linear(1, 1)),
    // @ts-expect-error a strength is a number
    'penalty.l1': () => penalty.l1('0.1'),
    // @ts-expect-error no such strength
    'penalty.elasticNet': () => penalty.elasticNet({ l1: 0.1, ratio: 0.5 }),
    // @ts-expect-error weightDecay is spelt in one word of two
    'penalty.l2': () => penalty.l2({ weightdecay: 0.1 }),
    // @ts-expect-error per is total or sample
    'penalty.of': () => penalty.l1(1).of(w, { per: 'batch' }),
    // @ts-expect-error bias is true or false
    'nn.Linear': () => new nn.Linear(1, 1, { bias: 'no' }),
    // @ts-expect-error no such option
    'nn.Linear options': () => new nn.Linear(1, 1, { bais: false }),
    // @ts-expect-error no such precision
    'tensor dtype': () => tensor([1], { dtype: 'float16' }),
    // @ts-expect-error no such kind
    'optim.groups': () => optim.groups(new nn.Linear(1, 1), [{ where: { kind: 'weights' } }]),
  };

  test.each(Object.entries(calls))('%s, and are errors with a code at run time', (_, call) => {
    expect(refusal(call)?.code).toMatch(/^ERR_(?!INTERNAL)/u);
  });
});

test('what cannot be changed is readonly', () => {
  const change = (w: ReturnType<typeof tensor>, p: penalty.Penalty, o: optim.SGD): void => {
    // @ts-expect-error the memory of a tensor stays
    w.data = new Float32Array(1);
    // @ts-expect-error the kind of a penalty stays
    p.kinked = false;
    // @ts-expect-error groups stay
    o.paramGroups = [];
    // @ts-expect-error what an optimizer does not have
    o.paramGroups[0]!.betas = [0.9, 0.99];
    o.paramGroups[0]!.lr = 0.5;
    p.l1 = 0.5;
    w.grad = null;
  };
  expect(change).toBeTypeOf('function');
});
