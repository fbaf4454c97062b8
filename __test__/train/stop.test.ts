import { fit, fitMany, Generator, manualSeed, nn, NonFiniteError, optim, rand, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { BATCH, build, byHand, first, loss, samples, steep, weights } from './broken.ts';

/** The error of a run. */
async function errorOf(run: Promise<unknown>): Promise<NonFiniteError> {
  const thrown: unknown = await run.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(NonFiniteError);
  return thrown as NonFiniteError;
}

describe('a step that is not finite stops the run', () => {
  test.each([0, 1, 5, 7])('before the step of batch %i, whose samples are not finite', async (batch) => {
    const train = samples(75, [batch]);
    const [one, other] = [build(), build()];
    const options = { train, loss, batchSize: BATCH, shuffle: false } as const;
    const error = await errorOf(fit(one.model, { ...options, optimizer: one.optimizer, epochs: 4 }));
    expect(error).toMatchObject({ code: 'ERR_NONFINITE', epoch: 1, step: batch + 1, loss: Number.NaN });
    expect(error.message).toBe(
      `fit: the loss is NaN at step ${batch + 1} of epoch 1. The samples of this step hold a number that is not finite. ` +
        'All weights are finite; the first gradient that is not is that of `0.weight`. The weights are those before this step. ' +
        "A smaller learning rate, or clipGradNorm, may help; nonFinite: 'skip' leaves such steps out.",
    );
    byHand(other, train.rows(0, batch * BATCH), { epochs: 1 });
    expect(weights(one.model)).toEqual(weights(other.model));
  });

  test('in a later epoch keeps the history of those before', async () => {
    const { model, optimizer } = build();
    const before = weights(model);
    let calls = 0;
    const explode = (step: number): void => {
      calls = Math.max(calls, step);
      optimizer.paramGroups[0]!.lr = step > 8 ? 1e300 : 0.01;
    };
    const run = fit(model, {
      train: samples(30),
      loss,
      optimizer,
      epochs: 9,
      batchSize: BATCH,
      schedules: [explode],
    });
    const error = await errorOf(run);
    expect(error).toMatchObject({ epoch: 4, step: 1, operation: expect.stringContaining('mse') as unknown });
    expect(error.history).toHaveLength(3);
    expect(error.history[2]!.train.data).toBeGreaterThan(0);
    expect(weights(model)).not.toEqual(before);
    expect(weights(model).flat().every(Number.isFinite)).toBe(true);
  });

  test('names the operation in the forward pass, and weights that are not finite', async () => {
    const { model, optimizer } = build();
    model.parameter('2.weight').data[1] = Infinity;
    const train = samples(30);
    const error = await errorOf(fit(model, { train, loss, optimizer, epochs: 1, batchSize: BATCH }));
    expect(error).toMatchObject({ operation: 'matmul [10, 1, 4]', parameter: '2.weight' });
    expect(error.message).toContain(
      'The first operation with a result that is not finite is matmul [10, 1, 4], in the forward pass. The weights `2.weight` are not finite.',
    );
  });

  test('names the operation in the backward pass, and whose gradient is not finite', async () => {
    const { model, optimizer, train } = steep();
    const before = weights(model);
    const error = await errorOf(fit(model, { train, loss: first, optimizer, epochs: 1, batchSize: 1 }));
    expect(error).toMatchObject({ epoch: 1, step: 1, parameter: 'small' });
    expect(error.loss).toBeGreaterThan(0);
    expect(error.message).toMatch(
      /^fit: a gradient is not finite at step 1 of epoch 1\. The first operation with a result that is not finite is \w+ \[1\], in the backward pass\. All weights are finite; the first gradient that is not is that of `small`\./u,
    );
    expect(weights(model)).toEqual(before);
  });

  test.each([{ accumulate: 2 }, { clipGradNorm: 1 }, { accumulate: 2, clipGradNorm: 1 }])(
    'with %o, too',
    async (options) => {
      const train = samples(60, [3]);
      const [one, other] = [build(), build()];
      const common = { train, loss, batchSize: BATCH, shuffle: false };
      const run = fit(one.model, { ...common, ...options, optimizer: one.optimizer, epochs: 2 });
      const step = 'accumulate' in options ? 2 : 4;
      expect(await errorOf(run)).toMatchObject({ epoch: 1, step, parameter: '0.weight' });
      const { accumulate = 1, clipGradNorm: most } = { clipGradNorm: undefined, ...options };
      byHand(other, train.rows(0, (step - 1) * accumulate * BATCH), {
        epochs: 1,
        accumulate,
        ...(most !== undefined && { most }),
      });
      expect(weights(one.model)).toEqual(weights(other.model));
    },
  );

  test('finds it again where it comes from random numbers, and leaves their generator as the run did', async () => {
    const [generator, dtype] = [new Generator(11), 'float64'] as const;
    class Risky extends nn.Module {
      readonly layer: nn.Linear = new nn.Linear(3, 1, { dtype });
      override forward(x: Tensor): Tensor {
        // Once in a thousand times some millions, of which the square of a square … overflows.
        let risk = rand(x.shape, { dtype, generator }).sub(0.999).relu().mul(1e10);
        for (let i = 0; i < 6; i++) risk = risk.square();
        return this.layer.forward(x.mul(risk.add(1)));
      }
    }
    manualSeed(1);
    const model = new Risky();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
    const run = fit(model, { train: samples(100), loss, optimizer, epochs: 50, batchSize: BATCH });
    const error = await errorOf(run);
    expect(error.operation).toBe('square [30]');
    expect(error.message).toContain('square [30], in the forward pass');
    const next = rand([1], { dtype, generator }).item();
    const again = new Generator(11);
    const steps = 10 * (error.epoch - 1) + error.step;
    const drawn = Array.from({ length: 30 * steps + 1 }, () => rand([1], { dtype, generator: again }).item());
    expect(steps).toBeGreaterThan(3);
    expect(drawn.findIndex((value) => value > 0.9991)).toBeGreaterThanOrEqual(30 * (steps - 1));
    expect(drawn.at(-1)).toBe(next);
  });

  test('of one model of fitMany names it, and leaves none a step ahead', async () => {
    const [fine, broken] = [build(1), build(2)];
    const explode = (step: number): void => {
      broken.optimizer.paramGroups[0]!.lr = step > 4 ? 1e300 : 0.01;
    };
    const train = samples(30);
    const options = { train, loss, batchSize: BATCH, epochs: 5, shuffle: false, schedules: [explode] };
    const optimizers = [fine.optimizer, broken.optimizer];
    const error = await errorOf(fitMany([fine.model, broken.model], { ...options, optimizers }));
    expect(error.message).toMatch(/^fitMany: the loss is \w+ at step 3 of epoch 2 of model 2\./u);
    const alone = build(1);
    byHand(alone, train, { epochs: 1 });
    byHand(alone, train.rows(0, 20), { epochs: 1 });
    expect(weights(fine.model)).toEqual(weights(alone.model));
  });

  test('leaves gradients, and what operations count on, as the run did', async () => {
    const { model, optimizer } = build();
    const train = samples(60, [4]);
    const grads = (): unknown => model.parameters().map(({ grad }) => grad && Array.from(grad.data));
    await errorOf(fit(model, { train, loss, optimizer, epochs: 1, batchSize: BATCH, shuffle: false }));
    const after = grads();
    const { x, y } = train.rows(40, 50);
    optimizer.zeroGrad();
    loss.forward(model.forward(x), y).backward();
    expect(grads()).toEqual(after);
  });
});

test('what becomes of such steps is one of two things', async () => {
  const { model, optimizer } = build();
  const options = { train: samples(20), loss, optimizer, epochs: 1, batchSize: BATCH };
  await expect(fit(model, { ...options, nonFinite: 'ignore' as never })).rejects.toThrow(
    "fit: `nonFinite` must be one of stop, skip, got the text 'ignore'",
  );
});
