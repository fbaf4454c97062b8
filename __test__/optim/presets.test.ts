import { optim, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw } from '../oracle/draw.ts';
import * as keras from '../oracle/keras.ts';

const preset = 'keras' as const;

/** An optimizer over `params`, the defaults of its preset otherwise. */
type Make = (
  params: readonly Tensor[],
  weightDecay?: number,
) => { step(): unknown; readonly paramGroups: readonly { readonly lr: number }[] };

const given = (weightDecay: number | undefined): { preset: typeof preset; weightDecay?: number } =>
  weightDecay === undefined ? { preset } : { preset, weightDecay };

const cases: readonly (readonly [
  string,
  Make,
  (lr: number, decay: number) => keras.Step,
  decay: number,
  rate: number,
])[] = [
  ['Adam', (params, decay) => new optim.Adam(params, given(decay)), keras.adam, 0, 1e-3],
  ['AdamW', (params, decay) => new optim.AdamW(params, given(decay)), keras.adam, 0.004, 1e-3],
  ['Adamax', (params, decay) => new optim.Adamax(params, given(decay)), keras.adamax, 0, 1e-3],
  ['NAdam', (params, decay) => new optim.NAdam(params, given(decay)), keras.nadam, 0, 1e-3],
  ['Adagrad', (params, decay) => new optim.Adagrad(params, given(decay)), keras.adagrad, 0, 1e-3],
  ['Adadelta', (params, decay) => new optim.Adadelta(params, given(decay)), keras.adadelta, 0, 1e-3],
  ['RMSprop', (params, decay) => new optim.RMSprop(params, given(decay)), keras.rmsprop(0), 0, 1e-3],
  [
    'RMSprop with momentum',
    (params, decay) => new optim.RMSprop(params, { ...given(decay), momentum: 0.7 }),
    keras.rmsprop(0.7),
    0,
    1e-3,
  ],
  ['SGD', (params, decay) => new optim.SGD(params, given(decay)), keras.sgd(0), 0, 1e-2],
  [
    'SGD with momentum',
    (params, decay) => new optim.SGD(params, { ...given(decay), momentum: 0.8 }),
    keras.sgd(0.8),
    0,
    1e-2,
  ],
  ['Lion', (params, decay) => new optim.Lion(params, given(decay)), keras.lion, 0, 1e-3],
];

const STEPS = 25;

/** The weights behind each step. */
function path(optimizer: { step(): unknown }, weights: Tensor): number[][] {
  return Array.from({ length: STEPS }, (_, t) => {
    weights.grad = tensor(draw('float64', weights.size, 10 + t));
    optimizer.step();
    return [...weights.data];
  });
}

function expected(start: ArrayLike<number>, make: () => keras.Step): number[][] {
  const steps = Array.from(start, make);
  let now = Array.from(start);
  return Array.from({ length: STEPS }, (_, t) => {
    const gradient = draw('float64', now.length, 10 + t);
    now = now.map((w, i) => steps[i]!(w, gradient[i]!));
    return now;
  });
}

/** The largest distance of any weight at any step. */
const distance = (found: readonly number[][], wanted: readonly number[][]): number =>
  Math.max(...found.flatMap((row, t) => row.map((value, i) => Math.abs(value - wanted[t]![i]!))));

describe.each(cases)('%s with the preset of Keras', (_name, make, oracle, decay, rate) => {
  test('is Keras’ formula with its defaults', () => {
    const weights = tensor(draw('float64', 6, 1), { requiresGrad: true });
    const start = [...weights.data];
    const optimizer = make([weights]);
    const { lr } = optimizer.paramGroups[0]!;
    expect(lr).toBe(rate);
    const wanted = expected(start, () => oracle(lr, decay));
    expect(distance(path(optimizer, weights), wanted)).toBeLessThan(1e-12);
  });

  test('decays before the step, by lr', () => {
    const weights = tensor(draw('float64', 6, 2), { requiresGrad: true });
    const start = [...weights.data];
    const wanted = expected(start, () => oracle(rate, 0.3));
    expect(distance(path(make([weights], 0.3), weights), wanted)).toBeLessThan(1e-12);
  });
});

test('FTRL is Keras’ formula', () => {
  const weights = tensor(draw('float64', 6, 3), { requiresGrad: true });
  const start = [...weights.data];
  const found = path(new optim.FTRL([weights], { lr: 0.1 }), weights);
  const wanted = expected(start, () => keras.ftrl(0.1, 0));
  expect(distance(found, wanted)).toBeLessThan(1e-12);
});

test('an option that is given goes before the preset, and a preset that does not exist is named', () => {
  const weights = tensor(draw('float64', 2, 4), { requiresGrad: true });
  const [group] = new optim.Adam([weights], { preset, eps: 1e-3, decay: 'coupled' }).paramGroups;
  expect([group!.eps, group!.decay, group!.lr, group!.epsHat]).toEqual([1e-3, 'coupled', 1e-3, true]);
  const told = refusal(() => new optim.Adam([weights], { preset: 'kera' as 'keras' }));
  expect(told).toEqual({
    code: 'ERR_OPTION',
    message: "optim.Adam: `preset` must be one of pytorch, keras, got the text 'kera'. Did you mean keras?",
  });
});
