import { data, evaluate, fit, fitMany, manualSeed, nn, optim, penalty, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const digits = data.loadDigits();
const train = digits.train.rows(0, 203);
const validation = digits.validation.rows(0, 100);
const loss = new nn.CrossEntropyLoss();
const common = { train, loss, epochs: 5, batchSize: 25, shuffle: false };

interface Built {
  readonly model: nn.Module;
  readonly optimizer: optim.AdamW;
}

function build(dtype: 'float32' | 'float64' = 'float32'): Built {
  manualSeed(6);
  const model = new nn.Sequential(
    new nn.Linear(64, 9, { dtype }),
    new nn.ReLU(),
    new nn.Linear(9, 10, { dtype }),
  );
  return { model, optimizer: new optim.AdamW(model.parameters(), { lr: 0.02, penalty: penalty.l1(1e-3) }) };
}

const weights = (model: nn.Module): number[][] =>
  model.parameters().map(({ data: values }) => Array.from(values));

/** The loop by hand, averaged after each step or each epoch. */
function byHand({ model, optimizer }: Built, averaged: optim.AveragedModel, every: 'step' | 'epoch'): void {
  for (let epoch = 0; epoch < common.epochs; epoch++) {
    for (const { x, y } of train.batches({ batchSize: 25 })) {
      optimizer.zeroGrad();
      loss.forward(model.forward(x), y).backward();
      optimizer.step();
      if (every === 'step') averaged.updateParameters();
    }
    if (every === 'epoch') averaged.updateParameters();
  }
}

describe('averages of a run', () => {
  test.each([
    ['of each step', { kind: 'ema', decay: 0.9 }, 'step', 45],
    ['of each epoch', { kind: 'swa' }, 'epoch', 5],
    ['of each epoch from the third on', { kind: 'swa', start: 3 }, 'epoch', 3],
    ['of each step from the 20th on, all alike', { kind: 'swa', every: 'step', start: 20 }, 'step', 26],
    ['of each epoch, exponential', { kind: 'ema', decay: 0.5, every: 'epoch' }, 'epoch', 5],
  ] as const)(
    '%s are those of the loop by hand, bit for bit, and change no weight',
    async (_, average, every, count) => {
      const [one, plain, other] = [build(), build(), build()];
      const history = await fit(one.model, { ...common, validation, optimizer: one.optimizer, average });
      await fit(plain.model, { ...common, optimizer: plain.optimizer });
      expect(weights(one.model)).toEqual(weights(plain.model));
      const { every: _every, ...options } = { every: undefined, ...average };
      const averaged = new optim.AveragedModel(other.model, options);
      byHand(other, averaged, every);
      expect(weights(history.average!)).toEqual(weights(averaged));
      expect(history.average!.nAveraged).toBe(count);
      expect(weights(history.average!)).not.toEqual(weights(one.model));
    },
  );

  test('score the validation part', async () => {
    const { model, optimizer } = build();
    const history = await fit(model, {
      ...common,
      validation,
      optimizer,
      average: { kind: 'ema', decay: 0.9 },
    });
    const last = history.at(-1)!.validation!;
    const p = penalty.l1(1e-3);
    expect(last).toEqual(
      evaluate(history.average!, validation, loss, p.value(history.average!.parameters())),
    );
    expect(last.data).not.toBe(evaluate(model, validation, loss).data);
    history.average!.swap();
    expect(evaluate(model, validation, loss).data).toBe(last.data);
  });

  test('are the weights themselves until they start', async () => {
    const { model, optimizer } = build();
    const average = { kind: 'swa', start: 100 } as const;
    const history = await fit(model, { ...common, validation, optimizer, average });
    expect(history.at(-1)!.validation!.data).toBe(evaluate(model, validation, loss).data);
    expect(history.average!.nAveraged).toBe(0);
  });

  test('in float64, too', async () => {
    manualSeed(6);
    const { model, optimizer } = build('float64');
    const wide = ({ x, y }: data.Dataset): data.Dataset =>
      new data.Dataset(tensor(Float64Array.from(x.data), { shape: x.shape }), y);
    const options = { ...common, train: wide(train), validation: wide(validation), optimizer };
    const history = await fit(model, { ...options, average: { kind: 'ema' } });
    expect(history.average!.parameters()[0]!.dtype).toBe('float64');
    expect(history.at(-1)!.validation!.data).toBe(evaluate(history.average!, options.validation, loss).data);
  });

  test('that did best are what early stopping restores', async () => {
    const { model, optimizer } = build();
    optimizer.paramGroups[0]!.lr = 0.3;
    const options = { ...common, train: train.rows(0, 60), validation, optimizer, epochs: 300 };
    const history = await fit(model, {
      ...options,
      average: { kind: 'ema', decay: 0.8 },
      earlyStopping: { patience: 6 },
    });
    expect(history.length).toBeLessThan(300);
    const { best } = history;
    const p = penalty.l1(1e-3);
    expect(evaluate(model, validation, loss, p.value(model.parameters())).total).toBe(best!.loss);
    expect(best!.loss).toBe(Math.min(...history.map((epoch) => epoch.validation!.total)));
  });

  test('of models of fitMany are those of each fit', async () => {
    const average = { kind: 'ema', decay: 0.9 } as const;
    const many = [build(), build()];
    many[1]!.optimizer.paramGroups[0]!.lr = 0.001;
    const optimizers = many.map(({ optimizer }) => optimizer);
    const models = many.map(({ model }) => model);
    const histories = await fitMany(models, { ...common, validation, optimizers, average });
    const alone = build();
    const history = await fit(alone.model, { ...common, validation, optimizer: alone.optimizer, average });
    expect([...histories[0]!]).toEqual([...history]);
    expect(weights(histories[0]!.average!)).toEqual(weights(history.average!));
    expect(weights(histories[1]!.average!)).not.toEqual(weights(history.average!));
  });

  test('are none where none were asked for', async () => {
    const { model, optimizer } = build();
    expect((await fit(model, { ...common, epochs: 1, optimizer })).average).toBeUndefined();
  });
});

test.each([
  ['no object', true, 'fit: `average` must be an object, got true'],
  ['another kind', { kind: 'mean' }, "fit: `average.kind` must be one of ema, swa, got the text 'mean'"],
  ['a decay above 1', { kind: 'ema', decay: 2 }, 'fit: `average.decay` must be a number from 0 to 1, got 2'],
  [
    'a decay of equal weights',
    { decay: 0.9 },
    "fit: `average.decay` must be left out for kind 'swa', got 0.9",
  ],
  ['a start of 0', { kind: 'ema', start: 0 }, 'fit: `average.start` must be a whole number >= 1, got 0'],
  [
    'another time',
    { kind: 'ema', every: 'batch' },
    "fit: `average.every` must be one of step, epoch, got the text 'batch'",
  ],
  ['an unknown option', { kind: 'ema', decy: 0.9 }, 'Did you mean decay?'],
])('%s: refused', async (_, average, message) => {
  const { model, optimizer } = build();
  const before = weights(model);
  await expect(fit(model, { ...common, optimizer, average: average as never })).rejects.toThrow(message);
  expect(weights(model)).toEqual(before);
});
