import { fit, fitMany, manualSeed, nn, optim } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { BATCH, build, type Built, byHand, first, loss, mean, samples, steep, weights } from './broken.ts';

describe('a step that is not finite is skipped', () => {
  test.each([
    ['the first', [0]],
    ['the second', [1]],
    ['one in the middle', [4]],
    ['the last, a shorter one', [7]],
    ['several', [0, 1, 5, 7]],
  ])('leaves out %s batch: weights, state and steps are those of the loop without it', async (_, broken) => {
    const train = samples(75, broken);
    const [one, other] = [build(), build()];
    const options = { train, loss, batchSize: BATCH, shuffle: false, nonFinite: 'skip' } as const;
    const history = await fit(one.model, { ...options, optimizer: one.optimizer, epochs: 4 });
    const losses = byHand(other, train, { epochs: 4, leaveOut: broken });
    expect(weights(one.model)).toEqual(weights(other.model));
    history.forEach(({ train: score, skipped, weightNorm }, i) => {
      expect(skipped).toBe(broken.length);
      expect(score.data).toBeCloseTo(mean(losses[i]!), 12);
      expect(weightNorm).toBeGreaterThan(0);
    });
    expect(String(history)).toContain(` · ${broken.length} skipped`);
    // The state of the optimizer too: both go on alike, by hand.
    byHand(one, samples(75), { epochs: 1 });
    byHand(other, samples(75), { epochs: 1 });
    expect(weights(one.model)).toEqual(weights(other.model));
  });

  test.each([
    ['accumulation', { accumulate: 3 }, { accumulate: 3 }],
    ['clipping', { clipGradNorm: 0.1 }, { most: 0.1 }],
    ['both', { accumulate: 2, clipGradNorm: 0.2 }, { accumulate: 2, most: 0.2 }],
  ])('leaves out whole steps with %s', async (_, options, hand) => {
    const train = samples(105, [1, 6]);
    const [one, other] = [build(), build()];
    const common = { train, loss, batchSize: BATCH, shuffle: false, nonFinite: 'skip' } as const;
    const history = await fit(one.model, { ...common, ...options, optimizer: one.optimizer, epochs: 3 });
    byHand(other, train, { epochs: 3, leaveOut: [1, 6], ...hand });
    expect(weights(one.model)).toEqual(weights(other.model));
    expect(history.map(({ skipped }) => skipped)).toEqual([2, 2, 2]);
    for (const { train: score } of history) expect(score.data).toBeLessThan(3);
  });

  test('lets schedules go on over steps that are left out', async () => {
    const train = samples(60, [2]);
    const rate = (step: number): number => 0.1 / step;
    const [one, other] = [build(), build()];
    const schedule = (step: number): void => {
      one.optimizer.paramGroups[0]!.lr = rate(step);
    };
    const options = {
      train,
      loss,
      batchSize: BATCH,
      shuffle: false,
      nonFinite: 'skip',
      schedules: [schedule],
    } as const;
    await fit(one.model, { ...options, optimizer: one.optimizer, epochs: 3 });
    byHand(other, train, { epochs: 3, leaveOut: [2], rate });
    expect(weights(one.model)).toEqual(weights(other.model));
  });

  test('catches gradients that are not finite under a loss that is', async () => {
    const { model, optimizer, train } = steep();
    const before = weights(model);
    const options = { train, loss: first, batchSize: 1, shuffle: false, nonFinite: 'skip' } as const;
    const history = await fit(model, { ...options, optimizer, epochs: 2 });
    expect(history.map(({ skipped }) => skipped)).toEqual([3, 3]);
    expect(weights(model)).toEqual(before);
  });

  test('of all steps leaves a mean that is no number, and everything as it was', async () => {
    const { model, optimizer } = build();
    const before = weights(model);
    const history = await fit(model, {
      train: samples(30, [0, 1, 2]),
      validation: samples(20),
      loss,
      optimizer,
      epochs: 3,
      batchSize: BATCH,
      nonFinite: 'skip',
    });
    expect(weights(model)).toEqual(before);
    expect(history.map(({ skipped }) => skipped)).toEqual([3, 3, 3]);
    expect(history[2]!.train.data).toBeNaN();
    expect(history[2]!.validation!.data).toBeGreaterThan(0);
  });

  test('leaves averages as they were', async () => {
    const train = samples(50, [3]);
    const [one, other] = [build(), build()];
    const options = { train, loss, batchSize: BATCH, shuffle: false, nonFinite: 'skip' } as const;
    const average = { kind: 'ema', decay: 0.8 } as const;
    const history = await fit(one.model, { ...options, optimizer: one.optimizer, epochs: 3, average });
    const averaged = new optim.AveragedModel(other.model, average);
    const step = other.optimizer.step.bind(other.optimizer);
    other.optimizer.step = () => {
      const stats = step();
      averaged.updateParameters();
      return stats;
    };
    byHand(other, train, { epochs: 3, leaveOut: [3] });
    expect(history.average!.nAveraged).toBe(12);
    expect(weights(history.average!)).toEqual(weights(averaged));
  });

  test('of one model of fitMany leaves the others their bits', async () => {
    const [fine, broken] = [build(1), build(2)];
    broken.model.parameters()[0]!.data[5] = Number.NaN;
    const train = samples(60);
    const options = { train, loss, epochs: 4, batchSize: BATCH, seed: 3, nonFinite: 'skip' } as const;
    const before = weights(broken.model);
    const optimizers = [broken.optimizer, fine.optimizer];
    const [skipped, whole] = await fitMany([broken.model, fine.model], { ...options, optimizers });
    const alone = build(1);
    const history = await fit(alone.model, { ...options, optimizer: alone.optimizer });
    expect(weights(fine.model)).toEqual(weights(alone.model));
    expect([...whole!]).toEqual([...history]);
    expect(skipped!.map((epoch) => epoch.skipped)).toEqual([6, 6, 6, 6]);
    expect(weights(broken.model)).toEqual(before);
  });
});

test('an optimizer whose last step was left out goes on by hand', async () => {
  const { model, optimizer } = build();
  const train = samples(40, [3]);
  const history = await fit(model, {
    train,
    loss,
    optimizer,
    epochs: 1,
    batchSize: BATCH,
    shuffle: false,
    nonFinite: 'skip',
  });
  expect(history[0]!.skipped).toBe(1);
  const before = weights(model);
  byHand({ model, optimizer }, samples(10), { epochs: 1 });
  expect(weights(model)).not.toEqual(before);
});

describe('running statistics', () => {
  const dtype = 'float64';
  const normalized = (): Built => {
    manualSeed(4);
    const model = new nn.Sequential(
      new nn.Linear(3, 4, { dtype }),
      new nn.BatchNorm1d(4, { dtype }),
      new nn.Linear(4, 1, { dtype }),
    );
    return { model, optimizer: new optim.AdamW(model.parameters(), { lr: 0.01 }) };
  };
  const state = (model: nn.Module): unknown[] =>
    Object.entries(model.stateDict()).map(([name, { data }]) => ({ name, values: Array.from(data) }));

  test('of a step that is skipped go back: they are those of the other steps', async () => {
    const [one, other] = [normalized(), normalized()];
    const train = samples(50, [2]);
    const options = { train, loss, epochs: 2, batchSize: BATCH, shuffle: false, nonFinite: 'skip' } as const;
    await fit(one.model, { ...options, optimizer: one.optimizer });
    byHand(other, train, { epochs: 2, leaveOut: [2] });
    expect(state(one.model)).toEqual(state(other.model));
    expect(one.model.stateDict()['1.num_batches_tracked']!.item()).toBe(8);
  });

  test('of the step that stops a run go back', async () => {
    const { model, optimizer } = normalized();
    const before = state(model);
    const options = { train: samples(50, [0]), loss, epochs: 1, batchSize: BATCH, shuffle: false } as const;
    await expect(fit(model, { ...options, optimizer })).rejects.toThrow('the loss is NaN');
    expect(state(model)).toEqual(before);
  });
});
