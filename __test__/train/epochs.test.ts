import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortError,
  data,
  type Epoch,
  fit,
  fitMany,
  FitRun,
  manualSeed,
  nn,
  optim,
  type Progress,
} from 'ridgeline';
import { describe, expect, test } from 'vitest';

const digits = data.loadDigits();
const train = digits.train.rows(0, 203);
const validation = digits.validation.rows(0, 100);
const loss = new nn.CrossEntropyLoss();

function build(width = 8): { model: nn.Module; optimizer: optim.SGD } {
  manualSeed(7);
  const model = new nn.Sequential(new nn.Linear(64, width), new nn.ReLU(), new nn.Linear(width, 10));
  return { model, optimizer: new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }) };
}

const common = { train, loss, batchSize: 25 };
const weights = (model: nn.Module): number[][] =>
  model.parameters().map(({ data: values }) => Array.from(values));

/** What is left after so many whole epochs. */
async function after(epochs: number): Promise<number[][]> {
  const { model, optimizer } = build();
  await fit(model, { ...common, optimizer, epochs });
  return weights(model);
}

describe('a loop over the epochs', () => {
  test('gets each of them, and the promise the history', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, validation, optimizer, epochs: 6 });
    expect(run).toBeInstanceOf(FitRun);
    expect(run).toBeInstanceOf(Promise);
    const seen: Epoch[] = [];
    for await (const epoch of run) seen.push(epoch);
    const history = await run;
    expect(seen.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen).toEqual([...history]);
    expect(weights(model)).toEqual(await after(6));
  });

  test('finds the weights of the epoch at hand, however long its body takes', async () => {
    const { model, optimizer } = build();
    let count = 0;
    for await (const { epoch } of fit(model, { ...common, optimizer, epochs: 4 })) {
      const before = weights(model);
      await sleep(20);
      expect(weights(model)).toEqual(before);
      expect(before).toEqual(await after(epoch));
      count++;
    }
    expect(count).toBe(4);
  });

  test('may change options of groups, which hold from the next epoch on', async () => {
    const [one, other] = [build(), build()];
    for await (const { epoch } of fit(one.model, { ...common, optimizer: one.optimizer, epochs: 4 }))
      one.optimizer.paramGroups[0]!.lr = 0.1 / (epoch + 1);
    const onProgress = ({ epoch }: Epoch): void => {
      other.optimizer.paramGroups[0]!.lr = 0.1 / (epoch + 1);
    };
    await fit(other.model, { ...common, optimizer: other.optimizer, epochs: 4, onProgress });
    expect(weights(one.model)).toEqual(weights(other.model));
  });

  test('that is left ends the run, with the weights of the last epoch and a history so far', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 1_000_000 });
    for await (const { epoch } of run) if (epoch === 3) break;
    expect(weights(model)).toEqual(await after(3));
    expect((await run).map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    await sleep(20);
    expect(weights(model)).toEqual(await after(3));
  });

  test('that throws ends the run as well', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 1_000_000 });
    const loop = async (): Promise<void> => {
      for await (const { epoch } of run) if (epoch === 2) throw new Error('mine');
    };
    await expect(loop()).rejects.toThrow('mine');
    expect(await run).toHaveLength(2);
  });

  test('that comes late gets all epochs, and ends a run on its way after a whole step', async () => {
    const { model, optimizer } = build(256);
    const run = fit(model, { ...common, optimizer, epochs: 1_000_000 });
    await sleep(50);
    const seen: number[] = [];
    for await (const { epoch } of run) {
      seen.push(epoch);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const left = weights(model);
    await sleep(20);
    expect(weights(model)).toEqual(left);
    expect((await run).length).toBeGreaterThanOrEqual(5);
  });

  test('does not restore the best weights when it is left, and does at its end', async () => {
    const { model, optimizer } = build();
    const options = { ...common, validation, optimizer, epochs: 100, earlyStopping: { patience: 50 } };
    const run = fit(model, options);
    for await (const { epoch } of run) if (epoch === 7) break;
    expect(weights(model)).toEqual(await after(7));
    const other = build();
    other.optimizer.paramGroups[0]!.lr = 0.5;
    const whole = fit(other.model, {
      ...options,
      optimizer: other.optimizer,
      earlyStopping: { patience: 3 },
    });
    let last = 0;
    for await (const { epoch } of whole) last = epoch;
    const { best } = await whole;
    expect(last - best!.epoch).toBe(3);
    const value = loss.forward(other.model.forward(validation.x), validation.y).item();
    expect(value).toBe((await whole)[best!.epoch - 1]!.validation!.data);
  });

  test('may be one of several; each gets all epochs', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 5 });
    const read = async (pause: number): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { epoch } of run) {
        await sleep(pause);
        seen.push(epoch);
      }
      return seen;
    };
    expect(await Promise.all([read(0), read(5), run])).toMatchObject([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
      { length: 5 },
    ]);
  });

  test('throws what the run throws, once', async () => {
    const { model, optimizer } = build();
    const controller = new AbortController();
    const run = fit(model, { ...common, optimizer, epochs: 100, signal: controller.signal });
    const loop = async (): Promise<void> => {
      for await (const { epoch } of run) {
        if (epoch === 2) controller.abort();
        await sleep(10); // the run is rejected while nobody waits for it
      }
    };
    await expect(loop()).rejects.toBeInstanceOf(AbortError);
    await expect(run).rejects.toMatchObject({ history: { length: 2 } });
  });

  test('of a run that is refused throws the reason', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 0 });
    const loop = async (): Promise<void> => {
      for await (const epoch of run) expect(epoch).toBeUndefined();
    };
    await expect(loop()).rejects.toThrow('fit: `epochs` must be a whole number >= 1, got 0');
    expect(() => run.progress).toThrow('fit: this run never started. Await it for the reason.');
  });

  test('of fitMany gets the epochs of all models together', async () => {
    const many = [build(), build(12)];
    const optimizers = many.map(({ optimizer }) => optimizer);
    const run = fitMany(
      many.map(({ model }) => model),
      { ...common, optimizers, epochs: 3 },
    );
    const seen: (readonly Epoch[])[] = [];
    for await (const epochs of run) seen.push(epochs);
    const histories = await run;
    expect(seen).toHaveLength(3);
    expect(seen).toEqual([0, 1, 2].map((i) => histories.map((history) => history[i])));
  });
});

describe('progress', () => {
  test('is read while the job runs, without waiting for it', async () => {
    const { model, optimizer } = build(512);
    const controller = new AbortController();
    const many = { ...common, train: digits.train, batchSize: 10 };
    const run = fit(model, { ...many, optimizer, epochs: 1_000_000, signal: controller.signal });
    const seen: Progress[] = [];
    while (seen.length < 200) {
      seen.push(run.progress);
      await sleep(1);
    }
    controller.abort();
    await expect(run).rejects.toBeInstanceOf(AbortError);
    const steps = 115;
    const places = seen.map(({ epoch, step }) => epoch * (steps + 1) + step);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBeGreaterThan(20);
    for (const progress of seen) {
      expect(progress.steps).toBe(steps);
      expect(progress.step).toBeLessThanOrEqual(steps);
    }
    const losses = seen
      .slice(20)
      .map((progress) => progress.loss)
      .filter(Number.isFinite);
    expect(losses.length).toBeGreaterThan(100);
    expect(Math.max(...losses)).toBeLessThan(5);
  });

  test('of a run at its end is its last epoch', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 3 });
    const history = await run;
    expect(run.progress).toEqual({ epoch: 3, step: 9, steps: 9, loss: history[2]!.train.data });
  });

  test('of a run that waits for its reader is the epoch at hand', async () => {
    const { model, optimizer } = build();
    const run = fit(model, { ...common, optimizer, epochs: 3 });
    for await (const { epoch, train: score } of run)
      expect(run.progress).toEqual({ epoch, step: 9, steps: 9, loss: score.data });
  });

  test('of fitMany has the losses of all models', async () => {
    const many = [build(), build(12)];
    const optimizers = many.map(({ optimizer }) => optimizer);
    const run = fitMany(
      many.map(({ model }) => model),
      { ...common, accumulate: 2, optimizers, epochs: 2 },
    );
    const histories = await run;
    const losses = histories.map((history) => history[1]!.train.data);
    expect(run.progress).toEqual({ epoch: 2, step: 5, steps: 5, loss: losses });
  });
});
