import { compile, data, fit, nn, optim, penalty, schedule, tensor } from 'ridgeline';
import { expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const group = (lr: number): optim.GroupInput<optim.SGDOptions> => ({
  params: new nn.Linear(2, 1).parameters(),
  lr,
});

test('each group of an optimizer follows the curve from its own value', () => {
  const optimizer = new optim.SGD([group(0.1), group(1)]);
  const rates = schedule.of(optimizer, { lr: schedule.step({ stepSize: 1, gamma: 0.5 }) });
  rates.step();
  rates.step();
  expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.025, 0.25]);
  expect(rates.stateDict()).toEqual({ step: 2, bases: [[0.1], [1]] });
});

test('`at` asks for any step, and needs no `this`', () => {
  const target = { lr: 1 };
  const { at } = schedule.of(target, { lr: schedule.exponential({ gamma: 0.5 }) });
  at(4);
  expect(target.lr).toBe(0.125);
  at(1);
  expect(target.lr).toBe(1);
});

test('fit asks a schedule of a strength before each step', async () => {
  const { train } = data.loadDigits();
  const model = new nn.Linear(64, 10);
  const strength = penalty.l1(1e-3);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, penalty: strength });
  const { at } = schedule.of(strength, { l1: schedule.linear({ startFactor: 0, totalIters: 8 }) });
  const seen: number[] = [];
  const tell = (step: number): void => {
    at(step);
    seen.push(strength.l1);
  };
  const options = { train: train.rows(0, 100), loss: new nn.CrossEntropyLoss(), optimizer };
  await fit(model, { ...options, epochs: 2, batchSize: 25, schedules: [tell] });
  for (let t = 0; t < 8; t++) expect(seen).toContain((1e-3 * t) / 8);
});

test.each([
  [
    () => schedule.of({ lr: 1, name: 'x' }, { rate: schedule.linear() } as object),
    'schedule.of: `rate` must be a number of what it schedules, got undefined. Its numbers are lr.',
  ],
  [
    () => schedule.of({ lr: 1 }, { lr: 0.1 } as object),
    'schedule.of: `lr` must be a curve, got 0.1. Take one of schedule, such as schedule.cosine({ tMax: 100 }), or (step, base) => base / (1 + step).',
  ],
  [
    () => schedule.of({ lr: 1 }, {}),
    'schedule.of: `curves` must be an object of curves by fields, not empty, got a value of type Object',
  ],
  [() => schedule.step({ stepSize: 0 }), 'schedule.step: `stepSize` must be a whole number >= 1, got 0'],
  [
    () => schedule.sequential([schedule.linear()], [3]),
    'schedule.sequential: `milestones` must be a list of 0, one fewer than curves, got an array of 1',
  ],
  [
    () => schedule.oneCycle({ maxLr: 1 }),
    'schedule.oneCycle: `totalSteps` must be a whole number >= 1, got undefined. Pass totalSteps, or epochs and stepsPerEpoch.',
  ],
  [
    () => schedule.cyclic({ baseLr: 0, maxLr: 1, mode: 'triangulr' as 'triangular' }),
    "schedule.cyclic: `mode` must be one of triangular, triangular2, expRange, got the text 'triangulr'. Did you mean triangular?",
  ],
])('says what is wrong (%#)', (call, message) => {
  expect(refusal(call)?.message).toBe(message);
});

test('a state of another shape is refused before anything changes', () => {
  const optimizer = new optim.SGD([group(0.1), group(1)]);
  const rates = schedule.of(optimizer, { lr: schedule.exponential({ gamma: 0.5 }) });
  rates.step();
  const told = refusal(() => rates.loadStateDict({ step: 7, bases: [[3]] }));
  expect(told?.code).toBe('ERR_STATE');
  expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([0.05, 0.5]);
  expect(rates.taken).toBe(1);
});

test('a schedule inside of a captured function is refused', () => {
  const rates = schedule.of({ lr: 1 }, { lr: schedule.exponential({ gamma: 0.5 }) });
  const captured = compile((x: ReturnType<typeof tensor>) => {
    rates.step();
    return x.mul(2);
  });
  expect(refusal(() => captured(tensor(Float32Array.of(1))))?.code).toBe('ERR_CAPTURE');
});
