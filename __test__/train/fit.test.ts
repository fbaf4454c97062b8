import {
  AbortError,
  data,
  type Epoch,
  evaluate,
  fit,
  manualSeed,
  nn,
  optim,
  penalty,
  report,
  tensor,
} from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const digits = data.loadDigits();
const small = { train: digits.train.rows(0, 200), validation: digits.validation.rows(0, 100) };

/** A small classifier, and an optimizer that penalizes its first layer. */
function classifier(strength: number): { model: nn.Module; optimizer: optim.AdamW; p: penalty.Penalty } {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(64, 8), new nn.ReLU(), new nn.Linear(8, 10));
  const p = penalty.l1(strength);
  const rules = [{ where: { name: '0.weight' }, penalty: p }];
  return { model, optimizer: new optim.AdamW(optim.groups(model, rules), { lr: 0.01 }), p };
}

const loss = new nn.CrossEntropyLoss();
const common = { ...small, loss, batchSize: 32 };

test('an epoch says {data, penalty, total} for both parts, accuracy, zeros and norm', async () => {
  const { model, optimizer, p } = classifier(1e-3);
  const history = await fit(model, { ...common, optimizer, epochs: 3 });
  expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  for (const { train, validation } of history) {
    for (const score of [train, validation!]) {
      expect(score.total).toBe(score.data + score.penalty);
      expect(score.penalty).toBeGreaterThan(0);
      expect(score.accuracy).toBeGreaterThanOrEqual(0);
      expect(score.accuracy).toBeLessThanOrEqual(1);
    }
  }
  const last = history.at(-1)!;
  expect(last.validation!.penalty).toBe(p.value(model.parameter('0.weight')));
  const held = evaluate(model, small.validation, loss, p.value(model.parameter('0.weight')));
  expect(last.validation).toEqual(held);
  const { total } = report.sparsity(model);
  expect(last.zeros).toBe(total.exactZeros);
  expect(last.weightNorm).toBeCloseTo(total.norm, 4);
  expect(last.train.data).toBeLessThan(history[0]!.train.data);
});

test('a run is the steps that it is made of, bit for bit', async () => {
  const one = classifier(1e-3);
  await fit(one.model, { ...common, optimizer: one.optimizer, epochs: 2, shuffle: false });
  const other = classifier(1e-3);
  for (let epoch = 0; epoch < 2; epoch++)
    for (const { x, y } of small.train.batches({ batchSize: 32 })) {
      other.optimizer.zeroGrad();
      loss.forward(other.model.forward(x), y).backward();
      other.optimizer.step();
    }
  expect(one.model.parameters().map(({ data: weights }) => weights)).toEqual(
    other.model.parameters().map(({ data: weights }) => weights),
  );
});

test('the same seed gives the same run, another seed another', async () => {
  const run = async (seed: number): Promise<Epoch[]> => {
    const { model, optimizer } = classifier(1e-3);
    return fit(model, { ...common, optimizer, epochs: 2, seed });
  };
  const first = await run(1);
  expect(await run(1)).toEqual(first);
  expect(await run(2)).not.toEqual(first);
});

test('weight decay is no part of the penalty that is reported', async () => {
  const { model } = classifier(0);
  const optimizer = new optim.AdamW(model.parameters(), { weightDecay: 0.5 });
  const [epoch] = await fit(model, { ...common, optimizer, epochs: 1 });
  expect(epoch!.train.penalty).toBe(0);
  expect(epoch!.validation!.penalty).toBe(0);
});

test('the training score is the mean over samples, though the last batch is smaller', async () => {
  const model = new nn.Linear(64, 10);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0 });
  const [epoch] = await fit(model, { train: small.train, loss, optimizer, epochs: 1, batchSize: 64 });
  const whole = evaluate(model, small.train, loss);
  expect(epoch!.train.data).toBeCloseTo(whole.data, 5);
  expect(epoch!.train.accuracy).toBeCloseTo(whole.accuracy!, 12);
  expect(epoch).not.toHaveProperty('validation');
});

test('a regression has no accuracy', () => {
  const model = new nn.Linear(2, 1);
  const score = evaluate(model, { x: tensor([[1, 2]]), y: tensor([[1]]) }, new nn.MSELoss(), 0.25);
  expect(score).not.toHaveProperty('accuracy');
  expect(score.total).toBe(score.data + 0.25);
});

test('evaluate leaves mode, gradients and weights as they were, also when it fails', () => {
  const { model } = classifier(0);
  const before = model.parameters().map((parameter) => parameter.data.slice());
  evaluate(model, small.validation, loss);
  expect(model.training).toBe(true);
  model.eval();
  expect(() => evaluate(model, { x: tensor([[1]]), y: tensor(Int32Array.of(0)) }, loss)).toThrow('linear');
  expect(model.training).toBe(false);
  expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  expect(model.parameters().map((parameter) => parameter.data.slice())).toEqual(before);
});

describe('abort', () => {
  test('rejects with what was done, after whole epochs', async () => {
    const { model, optimizer } = classifier(0);
    const controller = new AbortController();
    const seen: Epoch[] = [];
    const onProgress = (epoch: Epoch): void => {
      seen.push(epoch);
      if (epoch.epoch === 2) controller.abort(new Error('enough'));
    };
    const run = fit(model, { ...common, optimizer, epochs: 10, onProgress, signal: controller.signal });
    const error: unknown = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ERR_ABORT', cause: controller.signal.reason });
    expect((error as AbortError).message).toBe('fit: aborted after 2 whole epochs');
    expect((error as AbortError).history).toEqual(seen);
  });

  test('before the start does nothing', async () => {
    const { model, optimizer } = classifier(0);
    const before = model.parameters().map((parameter) => parameter.data.slice());
    const run = fit(model, { ...common, optimizer, epochs: 1, signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'ERR_ABORT', history: [] });
    expect(model.parameters().map((parameter) => parameter.data.slice())).toEqual(before);
  });

  test('from outside is heard: the event loop has its turns', async () => {
    const { model, optimizer } = classifier(0);
    const run = fit(model, { ...common, optimizer, epochs: 1e6, signal: AbortSignal.timeout(50) });
    await expect(run).rejects.toBeInstanceOf(AbortError);
  });
});

test.each([
  [{ epochs: 0 }, 'fit: `epochs` must be a whole number >= 1, got 0'],
  [{ epoch: 3 }, 'Did you mean epochs?'],
  [{ batchSize: 0 }, '`batchSize` must be a whole number >= 1, got 0'],
  [{ seed: -1 }, '`seed` must be a whole number >= 0, got -1'],
] as const)('the options %o are refused', async (wrong, message) => {
  const { model, optimizer } = classifier(0);
  const before = model.parameters().map((parameter) => parameter.data.slice());
  const error: unknown = await fit(model, { ...common, optimizer, epochs: 1, ...wrong }).catch(
    (e: unknown) => e,
  );
  expect(error).toMatchObject({
    code: expect.stringMatching(/^ERR_/u),
    message: expect.stringContaining(message),
  });
  expect(model.parameters().map((parameter) => parameter.data.slice())).toEqual(before);
});

test('sparsity counts exact and near zeros as a hand does', () => {
  const model = new nn.Linear(3, 2);
  model.weight.data.set([0, -0, 5e-5, -0.5, 2, 1e-4]);
  model.bias!.data.set([0, 3]);
  const { parameters, threshold, total } = report.sparsity(model);
  expect(threshold).toBe(1e-4);
  expect(parameters).toMatchObject([
    { name: 'weight', kind: 'weight', shape: [2, 3], size: 6, exactZeros: 2, nearZeros: 4 },
    { name: 'bias', kind: 'bias', shape: [2], size: 2, exactZeros: 1, nearZeros: 1, l1: 3, norm: 3 },
  ]);
  expect(parameters[0]!.l1).toBeCloseTo(2.50015, 6);
  expect(total).toMatchObject({ size: 8, exactZeros: 3, nearZeros: 5 });
  expect(total.norm).toBeCloseTo(Math.sqrt(0.25 + 4 + 9), 6);
  expect(report.sparsity(model, { threshold: 1 }).total.nearZeros).toBe(6);
  expect(report.sparsity(model, { threshold: 0 }).total.nearZeros).toBe(0);
  expect(refusal(() => report.sparsity(model, { treshold: 1 } as never))?.message).toContain(
    'Did you mean threshold?',
  );
});
