import { data, manualSeed, nn, predict, tensor } from 'ridgeline';
import { expect, test } from 'vitest';

const { x } = data.loadDigits().test.rows(0, 50);

test('predict is forward in evaluation mode, without a gradient', () => {
  manualSeed(0);
  const model = new nn.Linear(64, 10);
  const output = predict(model, x);
  expect(output.data).toEqual(model.forward(x).data);
  expect(output.requiresGrad).toBe(false);
  expect(model.training).toBe(true);
});

test('batches of it are its parts, but for the last bits', () => {
  manualSeed(0);
  const model = new nn.Linear(64, 10);
  const whole = predict(model, x);
  const parts = predict(model, x, { batchSize: 16 });
  expect(parts.shape).toEqual([50, 10]);
  parts.data.forEach((value, i) => {
    expect(value).toBeCloseTo(whole.data[i]!, 5);
  });
});

test('predict says what is wrong', () => {
  const model = new nn.Linear(64, 10);
  expect(() => predict(model, tensor(1))).toThrow('predict: `x` must be samples [n, …], got a scalar');
  expect(() => predict(model, x, { batchSize: 0 })).toThrow(
    'predict: `batchSize` must be a whole number >= 1, got 0',
  );
});
