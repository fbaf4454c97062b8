import {
  data,
  fit,
  fitMany,
  Generator,
  manualSeed,
  nn,
  optim,
  penalty,
  tensor,
  type Tensor,
} from 'ridgeline';
import { describe, expect, test } from 'vitest';

const digits = data.loadDigits();
const train = digits.train.rows(0, 203);
const validation = digits.validation.rows(0, 100);
const loss = new nn.CrossEntropyLoss();

function network(seed: number): nn.Module {
  manualSeed(seed);
  return new nn.Sequential(new nn.Linear(64, 12), new nn.ReLU(), new nn.Linear(12, 10));
}

const weights = (model: nn.Module): unknown => model.parameters().map(({ data: values }) => values);
const parts = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** The loop that fit runs, by hand: `accumulate` batches a step, clipped by `clip`, at a rate of its own each. */
function byHand(
  model: nn.Module,
  optimizer: optim.SGD,
  {
    epochs,
    accumulate = 1,
    clip,
    rate,
  }: {
    epochs: number;
    accumulate?: number;
    clip?: (params: readonly Tensor[]) => unknown;
    rate?: (step: number) => number;
  },
): void {
  const shuffle = new Generator(0);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const batches = [...train.batches({ batchSize: 25, shuffle })];
    for (let at = 0; at < batches.length; at += accumulate) {
      const taken = batches.slice(at, at + accumulate);
      const samples = parts(taken.map(({ x }) => x.shape[0]!));
      step++;
      if (rate !== undefined) optimizer.paramGroups[0]!.lr = rate(step);
      optimizer.zeroGrad();
      for (const { x, y } of taken) {
        const value = loss.forward(model.forward(x), y);
        (taken.length === 1 ? value : value.mul(x.shape[0]! / samples)).backward();
      }
      clip?.(model.parameters());
      optimizer.step();
    }
  }
}

const clipTo =
  (most: number, normType = 2) =>
  (params: readonly Tensor[]): unknown =>
    optim.clipGradNorm(params, most, { normType });

describe.each([
  ['accumulation', { accumulate: 3 }, { accumulate: 3 }],
  ['clipping', { clipGradNorm: 0.1 }, { clip: clipTo(0.1) }],
  ['both', { accumulate: 2, clipGradNorm: 0.5 }, { accumulate: 2, clip: clipTo(0.5) }],
  ['another norm', { clipGradNorm: { maxNorm: 0.01, normType: Infinity } }, { clip: clipTo(0.01, Infinity) }],
  [
    'clipping by value',
    { clipGradValue: 1e-3 },
    { clip: (params: readonly Tensor[]) => optim.clipGradValue(params, 1e-3) },
  ],
])('%s', (_name, options, hand) => {
  test('is the loop by hand, bit for bit', async () => {
    const [one, other] = [network(1), network(1)];
    const optimizer = new optim.SGD(one.parameters(), { lr: 0.1, momentum: 0.9 });
    await fit(one, { train, loss, optimizer, epochs: 3, batchSize: 25, ...options });
    byHand(other, new optim.SGD(other.parameters(), { lr: 0.1, momentum: 0.9 }), { epochs: 3, ...hand });
    expect(weights(one)).toEqual(weights(other));
  });
});

test.each([1, 3])('schedules set the options of every step (%i epochs)', async (epochs) => {
  const rate = (step: number): number => 0.1 / step;
  const [one, other] = [network(2), network(2)];
  const optimizer = new optim.SGD(one.parameters(), { lr: 1 });
  const schedule = (step: number): void => {
    optimizer.paramGroups[0]!.lr = rate(step);
  };
  await fit(one, { train, loss, optimizer, epochs, batchSize: 25, schedules: [schedule] });
  byHand(other, new optim.SGD(other.parameters(), { lr: 1 }), { epochs, rate });
  expect(weights(one)).toEqual(weights(other));
  expect(optimizer.paramGroups[0]!.lr).toBe(rate(9 * epochs));
});

test('a schedule may move the strength of a penalty', async () => {
  const model = network(3);
  const p = penalty.l1(0);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01, penalty: p });
  const strengthen = (step: number): void => {
    p.l1 = step > 40 ? 1e-2 : 0;
  };
  const options = { train, loss, optimizer, batchSize: 25, schedules: [strengthen] };
  const history = await fit(model, { ...options, epochs: 8 });
  expect(history[3]!.zeros).toBe(0);
  expect(history[7]!.zeros).toBeGreaterThan(100);
});

test('models of fitMany have the bits and the histories of their own fit', async () => {
  const strengths = [0, 1e-3, 1e-2];
  const optimizerOf = (model: nn.Module, strength: number): optim.AdamW =>
    new optim.AdamW(model.parameters(), { lr: 0.01, penalty: penalty.l1(strength) });
  const options = { train, validation, loss, epochs: 4, batchSize: 25, seed: 5 };
  const models = strengths.map((_, i) => network(i));
  const optimizers = models.map((model, i) => optimizerOf(model, strengths[i]!));
  const histories = await fitMany(models, { ...options, optimizers });
  for (const [i, strength] of strengths.entries()) {
    const alone = network(i);
    const history = await fit(alone, { ...options, optimizer: optimizerOf(alone, strength) });
    expect(weights(models[i]!)).toEqual(weights(alone));
    expect([...histories[i]!]).toEqual([...history]);
  }
});

describe('early stopping', () => {
  test('ends after the patience, with the best weights in the model', async () => {
    const model = network(4);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
    const options = { train: train.rows(0, 60), validation, loss, optimizer, epochs: 500, batchSize: 20 };
    const history = await fit(model, { ...options, earlyStopping: { patience: 5 } });
    expect(history.length).toBeLessThan(500);
    const { best } = history;
    expect(history.length - best!.epoch).toBe(5);
    expect(best!.loss).toBe(Math.min(...history.map((epoch) => epoch.validation!.total)));
    const value = loss.forward(model.forward(validation.x), validation.y).item();
    expect(value).toBe(history[best!.epoch - 1]!.validation!.data);
  });

  test('says what is wrong with its options', async () => {
    const model = network(4);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 });
    const run = fit(model, {
      train,
      loss,
      optimizer,
      epochs: 1,
      batchSize: 20,
      earlyStopping: { patience: 0 },
    });
    await expect(run).rejects.toThrow('fit: `earlyStopping.patience` must be a whole number >= 1, got 0');
  });
});

test('a loss that is no number stops the run before the step, and says where', async () => {
  const model = network(5);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  let calls = 0;
  const breaking: nn.Loss = {
    forward: (output, target) =>
      loss.forward(output, target).mul(tensor(Float32Array.of(Number.NaN), { shape: [] })),
  };
  const before = model.parameters().map((parameter) => parameter.data.slice());
  const run = fit(model, {
    train,
    loss: breaking,
    optimizer,
    epochs: 2,
    batchSize: 25,
    onProgress: () => calls++,
  });
  await expect(run).rejects.toThrow(
    'fit: the loss is NaN at step 1 of epoch 1. The first operation with a result that is not finite is mul [1]',
  );
  expect(model.parameters().map((parameter) => parameter.data)).toEqual(before);
  expect(calls).toBe(0);
});

test('a history prints a line an epoch', async () => {
  const model = network(6);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const history = await fit(model, { train, validation, loss, optimizer, epochs: 2, batchSize: 25 });
  const lines = String(history).split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(
    /^epoch 2 · train \d\.\d{4} = \d\.\d{4} \+ 0\.0000, accuracy [\d.]+ % · validation .* · 0 zeros · norm /,
  );
});

test('fitMany wants an optimizer for each model', async () => {
  const options = { train, loss, epochs: 1, batchSize: 20, optimizers: [] };
  await expect(fitMany([network(1)], options)).rejects.toThrow(
    'fitMany: `optimizers` must be a list of 1, one for each model, got an array of 0',
  );
});

test.each([
  [
    { clipGradNorm: 1, clipGradValue: 1 },
    'fit: `clipGradValue` must be left out beside clipGradNorm, got 1. Take one of them: the other would clip what is clipped.',
  ],
  [{ clipGradNorm: -1 }, 'fit: `clipGradNorm` must be a finite number >= 0, got -1'],
  [{ clipGradValue: -1 }, 'fit: `clipGradValue` must be a finite number >= 0, got -1'],
  [{ clipGradNorm: { maxNorm: -1 } }, 'fit: `clipGradNorm.maxNorm` must be a finite number >= 0, got -1'],
  [
    { clipGradNorm: { maxNorm: 1, normType: -1 } },
    'fit: `clipGradNorm.normType` must be a finite number > 0, got -1',
  ],
])('refuses clipping that cannot be (%#)', async (options, message) => {
  const model = network(1);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const run = fit(model, { train, loss, optimizer, epochs: 1, batchSize: 25, ...options });
  await expect(run).rejects.toThrow(message);
});
