import {
  data,
  evaluate,
  fit,
  fitMany,
  manualSeed,
  metrics,
  nn,
  optim,
  penalty,
  predict,
  tensor,
  type Tensor,
} from 'ridgeline';
import { describe, expect, test } from 'vitest';

const digits = data.loadDigits();
const small = { train: digits.train.rows(0, 203), validation: digits.validation.rows(0, 100) };
const crossEntropy = new nn.CrossEntropyLoss();

/** Of the digits: whether one is even, as floating-point numbers [n, 1]. */
function even({ x, y }: data.Dataset): data.Dataset {
  const target = Float32Array.from(y.data, (digit) => (digit % 2 === 0 ? 1 : 0));
  return new data.Dataset(x, tensor(target, { shape: [target.length, 1] }));
}
const binary = { train: even(small.train), validation: even(small.validation) };

const network = (outputs: number, ...last: nn.Module[]): nn.Module => {
  manualSeed(1);
  return new nn.Sequential(new nn.Linear(64, 12), new nn.ReLU(), new nn.Linear(12, outputs), ...(last as []));
};
const adam = (model: nn.Module): optim.Adam =>
  new optim.Adam(model.parameters(), { lr: 0.01, penalty: penalty.l1(1e-4) });
const common = { epochs: 4, batchSize: 32 };

describe('metrics of a run', () => {
  test('of ten classes are those of evaluate, and of the functions', async () => {
    const model = network(10);
    const optimizer = adam(model);
    const names = ['f1', 'logLoss'] as const;
    const history = await fit(model, { ...small, ...common, loss: crossEntropy, optimizer, metrics: names });
    const { train, validation } = history.at(-1)!;
    const paid = validation!.penalty;
    expect(validation).toEqual(
      evaluate(model, small.validation, crossEntropy, { penalty: paid, metrics: names }),
    );
    const [output, { y }] = [predict(model, small.validation.x), small.validation];
    expect(validation).toMatchObject({
      f1: metrics.f1(output, y),
      logLoss: metrics.logLoss(output, y),
      accuracy: metrics.accuracy(output, y),
    });
    expect(Object.keys(train).toSorted()).toEqual(['accuracy', 'data', 'logLoss', 'penalty', 'total']);
    expect(train.logLoss).toBeCloseTo(train.data, 6);
    expect(new Set(history.map((epoch) => epoch.validation!.f1)).size).toBeGreaterThan(1);
    expect(String(history)).toMatch(/, accuracy [\d.]+ %, f1 0\.\d{4}, logLoss \d\.\d{4} · \d+ zeros/u);
  });

  test('of two classes, one logit each, in all of them', async () => {
    const model = network(1);
    const names = ['accuracy', 'auc', 'f1', 'logLoss'] as const;
    const options = { ...binary, ...common, loss: new nn.BCEWithLogitsLoss(), metrics: names };
    const history = await fit(model, { ...options, optimizer: adam(model) });
    const { train, validation } = history.at(-1)!;
    const [output, { y }] = [predict(model, binary.validation.x), binary.validation];
    expect(validation).toMatchObject({
      accuracy: metrics.accuracy(output, y),
      auc: metrics.auc(output, y),
      f1: metrics.f1(output, y),
      logLoss: metrics.logLoss(output, y),
    });
    expect(validation!.auc).toBeGreaterThan(0.8);
    expect(validation!.logLoss).toBeCloseTo(validation!.data, 6);
    expect(train.accuracy).toBeGreaterThan(0.7);
    expect(train).not.toHaveProperty('auc');
  });

  test('of probabilities, where the model ends in them', async () => {
    const model = network(1, new nn.Sigmoid());
    const from = 'probabilities';
    const chosen = [
      { metric: 'accuracy', from },
      { metric: 'f1', from },
      { metric: 'logLoss', from },
      { metric: 'auc', from },
    ] as const;
    const options = { ...binary, ...common, loss: new nn.MSELoss(), metrics: chosen };
    const history = await fit(model, { ...options, optimizer: adam(model) });
    const [output, { y }] = [predict(model, binary.validation.x), binary.validation];
    const { validation } = history.at(-1)!;
    const { accuracy, auc, f1, logLoss } = metrics;
    for (const figure of [accuracy, auc, f1, logLoss])
      expect(validation![figure.name as 'auc']).toBe(figure(output, y, { from }));
    expect(validation!.accuracy).toBeGreaterThan(0.7);
  });

  test('of a regression', async () => {
    const model = network(1);
    const loss = new nn.MSELoss();
    const names = ['mae', 'r2'] as const;
    const history = await fit(model, { ...binary, ...common, loss, optimizer: adam(model), metrics: names });
    const { train, validation } = history.at(-1)!;
    const [output, { y }] = [predict(model, binary.validation.x), binary.validation];
    expect(validation).toMatchObject({ mae: metrics.mae(output, y), r2: metrics.r2(output, y) });
    expect(train.mae).toBeLessThan(history[0]!.train.mae!);
    expect(train).not.toHaveProperty('r2');
    expect(train).not.toHaveProperty('accuracy');
  });

  test('of the training part are means over samples, each before its step', async () => {
    const model = network(1);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0 });
    const names = ['accuracy', 'logLoss', 'mae'] as const;
    const loss = new nn.BCEWithLogitsLoss();
    const [epoch] = await fit(model, {
      ...common,
      train: binary.train,
      loss,
      optimizer,
      epochs: 1,
      metrics: names,
    });
    const whole = evaluate(model, binary.train, loss, { metrics: names });
    for (const name of names) expect(epoch!.train[name]).toBeCloseTo(whole[name]!, 6);
  });

  test('change no bit of the weights, on the thread or here', async () => {
    const [one, other] = [network(10), network(10)];
    const options = { ...small, ...common, loss: crossEntropy };
    await fit(one, { ...options, optimizer: adam(one), metrics: ['f1', 'logLoss'] });
    await fit(other, { ...options, optimizer: adam(other) });
    const weights = (model: nn.Module): Tensor['data'][] =>
      model.parameters().map((parameter) => parameter.data);
    expect(weights(one)).toEqual(weights(other));
  });

  test('of fitMany are those of each fit', async () => {
    const models = [network(10), network(10)];
    const options = { ...small, ...common, loss: crossEntropy, metrics: ['f1', 'logLoss'] } as const;
    const optimizers = [adam(models[0]!), new optim.SGD(models[1]!.parameters(), { lr: 0.1 })];
    const histories = await fitMany(models, { ...options, optimizers });
    const [first, second] = [network(10), network(10)];
    expect([...histories[0]!]).toEqual([...(await fit(first, { ...options, optimizer: adam(first) }))]);
    const optimizer = new optim.SGD(second.parameters(), { lr: 0.1 });
    expect([...histories[1]!]).toEqual([...(await fit(second, { ...options, optimizer }))]);
  });

  test('the AUC of one class alone is no number, and the run goes on', async () => {
    const model = network(1);
    const ones = binary.validation.select(
      [...binary.validation.y.data].flatMap((y, i) => (y === 1 ? [i] : [])),
    );
    const options = { ...common, train: binary.train, validation: ones, loss: new nn.BCEWithLogitsLoss() };
    const history = await fit(model, { ...options, optimizer: adam(model), metrics: ['auc'] });
    expect(history.map(({ validation }) => validation!.auc)).toEqual([NaN, NaN, NaN, NaN]);
  });
});

const refused: readonly (readonly [string, object, string])[] = [
  [
    'an unknown metric',
    { metrics: ['aux'] },
    "fit: `metrics` must be one of accuracy, auc, f1, logLoss, mae, r2, got the text 'aux'. Did you mean auc?",
  ],
  [
    'a metric twice',
    { metrics: ['f1', { metric: 'f1' }] },
    'fit: `metrics` must be different ones, got f1 twice',
  ],
  ['no list', { metrics: 'f1' }, 'fit: `metrics` must be a list of names'],
  [
    'an unknown option of a metric',
    { metrics: [{ metric: 'f1', averge: 1 }] },
    'fit: `averge` must be an option that exists',
  ],
  [
    'scores of a regression',
    { metrics: [{ metric: 'mae', from: 'logits' }] },
    'fit: `metrics.from` must be left out for mae, got logits',
  ],
  [
    'a metric of a whole set without one',
    { metrics: ['auc'], validation: undefined },
    'fit: `validation` must be given for the metric auc, which is no mean over batches, got undefined',
  ],
  [
    'the AUC of ten classes',
    { metrics: ['auc'] },
    'metrics.auc: `output` must be scores [n], [n, 1] or [n, 2], got [32, 10]',
  ],
  ['a regression of classes', { metrics: ['r2'] }, 'metrics.r2: `target` must be float32 of shape [32, 10]'],
];

test.each(refused)('%s: refused before anything is changed', async (_, options, message) => {
  const model = network(10);
  const before = model.parameters().map(({ data: values }) => values.slice());
  const all = { ...small, ...common, loss: crossEntropy, optimizer: adam(model), ...options };
  const error: unknown = await fit(model, all as Parameters<typeof fit>[1]).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: expect.stringMatching(/^ERR_/u) as unknown,
    message: expect.stringContaining(message) as unknown,
  });
  expect(model.parameters().map(({ data: values }) => values)).toEqual(before);
});

test('targets between the classes are refused before the run, by their place', async () => {
  const soft = binary.validation.y.data.map((y, i) => (i === 3 ? 0.5 : y)) as Float32Array;
  const validation = new data.Dataset(small.validation.x, tensor(soft, { shape: [100, 1] }));
  const model = network(1);
  const options = { ...common, train: binary.train, validation, loss: new nn.BCEWithLogitsLoss() };
  await expect(fit(model, { ...options, optimizer: adam(model), metrics: ['auc'] })).rejects.toThrow(
    'fit: `validation.y[3]` must be a class, 0 or 1, got 0.5',
  );
});

test('evaluate wants options that exist', () => {
  const model = network(10);
  const wrong =
    (options: object): (() => unknown) =>
    () =>
      evaluate(model, small.validation, crossEntropy, options);
  expect(wrong({ metric: ['f1'] })).toThrow('Did you mean metrics?');
  expect(wrong({ metrics: ['acuracy'] })).toThrow('Did you mean accuracy?');
  expect(wrong({ penalty: -1 })).toThrow('evaluate: `penalty` must be a finite number >= 0, got -1');
});
