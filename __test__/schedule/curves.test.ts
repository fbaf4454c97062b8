import { nn, optim, penalty, schedule } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import * as oracle from '../oracle/schedule.ts';

const COUNT = 40;

/** The largest distance from what was expected, as a share of it where that is above 1. */
function distance(found: readonly number[], expected: readonly number[]): number {
  const shares = expected.map((value, t) => Math.abs(found[t]! - value) / Math.max(1, Math.abs(value)));
  return found.length === expected.length ? Math.max(...shares) : Infinity;
}

/** What `curve` gives at the first steps, in any order. */
const sampled = (curve: schedule.Curve, base: number, count = COUNT): number[] =>
  Array.from({ length: count }, (_, i) => count - 1 - i)
    .map((t) => curve(t, base))
    .toReversed();

const halves = (epoch: number): number => 1 / (1 + epoch / 2);

const curves: readonly (readonly [string, () => schedule.Curve, () => oracle.Recursion])[] = [
  ['step', () => schedule.step({ stepSize: 7, gamma: 0.5 }), () => oracle.stepLr(7, 0.5)],
  ['step, by default', () => schedule.step({ stepSize: 3 }), () => oracle.stepLr(3, 0.1)],
  [
    'multiStep, one milestone twice',
    () => schedule.multiStep({ milestones: [4, 4, 11, 30], gamma: 0.3 }),
    () => oracle.multiStepLr([4, 4, 11, 30], 0.3),
  ],
  [
    'multiStep, by default',
    () => schedule.multiStep({ milestones: [2] }),
    () => oracle.multiStepLr([2], 0.1),
  ],
  ['exponential', () => schedule.exponential({ gamma: 0.93 }), () => oracle.exponentialLr(0.93)],
  ['constant', () => schedule.constant({ factor: 0.3, totalIters: 9 }), () => oracle.constantLr(0.3, 9)],
  ['constant, by default', () => schedule.constant(), () => oracle.constantLr(1 / 3, 5)],
  [
    'linear, falling',
    () => schedule.linear({ startFactor: 1, endFactor: 0.1, totalIters: 12 }),
    () => oracle.linearLr(1, 0.1, 12),
  ],
  ['linear, by default', () => schedule.linear(), () => oracle.linearLr(1 / 3, 1, 5)],
  ['polynomial', () => schedule.polynomial({ totalIters: 15, power: 2 }), () => oracle.polynomialLr(15, 2)],
  ['polynomial, by default', () => schedule.polynomial(), () => oracle.polynomialLr(5, 1)],
  ['cosine', () => schedule.cosine({ tMax: 9, etaMin: 0.02 }), () => oracle.cosineLr(9, 0.02)],
  ['cosine, to 0', () => schedule.cosine({ tMax: 50 }), () => oracle.cosineLr(50, 0)],
  [
    'cosineWarmRestarts, longer and longer',
    () => schedule.cosineWarmRestarts({ t0: 3, tMult: 2, etaMin: 0.01 }),
    () => oracle.restartsLr(3, 2, 0.01),
  ],
  [
    'cosineWarmRestarts, of one length',
    () => schedule.cosineWarmRestarts({ t0: 4 }),
    () => oracle.restartsLr(4, 1, 0),
  ],
  ['lambda', () => schedule.lambda(halves), () => (t, _before, base) => base * halves(t)],
  [
    'multiplicative',
    () => schedule.multiplicative((t) => 1 - t / 100),
    () => (t, before) => (t === 0 ? before : before * (1 - t / 100)),
  ],
  [
    'sequential',
    () =>
      schedule.sequential(
        [schedule.linear({ startFactor: 0.1, totalIters: 6 }), schedule.exponential({ gamma: 0.9 })],
        [6],
      ),
    () => (t, before, base) => {
      if (t >= 6) return t === 6 ? base : before * 0.9;
      return oracle.linearLr(0.1, 1, 6)(t, before, base);
    },
  ],
  [
    'warmUp',
    () => schedule.warmUp({ totalIters: 4 }, schedule.cosine({ tMax: 30 })),
    () => (t, before, base) => {
      if (t < 4) return oracle.linearLr(1 / 3, 1, 4)(t, before, base);
      return (base * (1 + Math.cos((Math.PI * (t - 4)) / 30))) / 2;
    },
  ],
  [
    'chained',
    () =>
      schedule.chained(
        schedule.constant({ factor: 0.1, totalIters: 20 }),
        schedule.exponential({ gamma: 0.9 }),
      ),
    () => {
      const parts = [oracle.constantLr(0.1, 20), oracle.exponentialLr(0.9)];
      return (t, before, base) => parts.reduce((value, part) => part(t, value, base), before);
    },
  ],
];

describe.each(curves)('%s', (_name, make, recursion) => {
  test.each([0.1, 3])('is PyTorch’s recursion from %d', (base) => {
    const expected = oracle.unrolled(recursion(), base, COUNT);
    expect(distance(sampled(make(), base), expected)).toBeLessThan(1e-12);
  });

  test('stays finite from 0, where PyTorch’s recursions divide by 0', () => {
    expect(sampled(make(), 0).every(Number.isFinite)).toBe(true);
  });

  test('moves the strength of a penalty as it moves lr', () => {
    const strength = penalty.l1(0.02);
    const model = new nn.Linear(2, 1);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.02, penalty: strength });
    const both = [schedule.of(strength, { l1: make() }), schedule.of(optimizer, { lr: make() })];
    for (let t = 0; t < 12; t++) {
      expect(strength.l1).toBe(optimizer.paramGroups[0]!.lr);
      expect(strength.l1).toBe(make()(t, 0.02));
      both.forEach((one) => one.step());
    }
  });

  test('goes on from where its state was taken', () => {
    const [one, other] = [{ lr: 0.1 }, { lr: 0.7 }];
    const first = schedule.of(one, { lr: make() });
    for (let t = 0; t < 5; t++) first.step();
    const second = schedule.of(other, { lr: make() });
    second.loadStateDict(structuredClone(first.stateDict()));
    for (let t = 5; t < 15; t++) {
      expect([second.taken, other.lr]).toEqual([t, one.lr]);
      first.step();
      second.step();
    }
  });
});

describe('oneCycle', () => {
  const [top, first, last] = [0.4, 0.4 / 25, 0.4 / 25 / 1e4];
  test.each([false, true])('two phases, linear %s', (linear) => {
    const options = { maxLr: top, totalSteps: 20, annealStrategy: linear ? 'linear' : 'cos' } as const;
    const { lr, momentum } = schedule.oneCycle(options);
    const rates = oracle.oneCycleLr(
      [
        [5, first, top],
        [19, top, last],
      ],
      linear,
    );
    const momenta = oracle.oneCycleLr(
      [
        [5, 0.95, 0.85],
        [19, 0.85, 0.95],
      ],
      linear,
    );
    expect(distance(sampled(lr, 7, 20), oracle.unrolled(rates, 7, 20))).toBeLessThan(1e-12);
    expect(distance(sampled(momentum!, 7, 20), oracle.unrolled(momenta, 7, 20))).toBeLessThan(1e-12);
  });

  test('three phases', () => {
    const { lr, momentum } = schedule.oneCycle({ maxLr: top, epochs: 4, stepsPerEpoch: 5, threePhase: true });
    const rates = oracle.oneCycleLr(
      [
        [5, first, top],
        [10, top, first],
        [19, first, last],
      ],
      false,
    );
    const momenta = oracle.oneCycleLr(
      [
        [5, 0.95, 0.85],
        [10, 0.85, 0.95],
        [19, 0.95, 0.95],
      ],
      false,
    );
    expect(distance(sampled(lr, 7, 20), oracle.unrolled(rates, 7, 20))).toBeLessThan(1e-12);
    expect(distance(sampled(momentum!, 7, 20), oracle.unrolled(momenta, 7, 20))).toBeLessThan(1e-12);
  });

  test('moves momentum of SGD, and the first of Adam’s betas', () => {
    const cycle = schedule.oneCycle({ maxLr: 0.1, totalSteps: 10 });
    const params = (): ReturnType<nn.Linear['parameters']> => new nn.Linear(2, 1).parameters();
    const sgd = new optim.SGD(params(), { momentum: 0.5 });
    const adam = new optim.Adam(params());
    const both = [schedule.of(sgd, cycle), schedule.of(adam, cycle)];
    for (let t = 0; t < 10; t++) {
      const expected = cycle.momentum!(t, 0);
      expect(sgd.paramGroups[0]!.momentum).toBe(expected);
      expect(adam.paramGroups[0]!.betas).toEqual([expected, 0.999]);
      if (t < 9) both.forEach((one) => one.step());
    }
  });

  test('refuses a step behind its end', () => {
    const { lr } = schedule.oneCycle({ maxLr: 0.1, totalSteps: 10 });
    expect(refusal(() => lr(11, 0))).toEqual({
      code: 'ERR_VALUE',
      message:
        'schedule.oneCycle: `step` must be at most 10, got 11. A longer cycle needs a larger totalSteps.',
    });
  });
});

test.each([
  ['triangular', {}, () => 1],
  ['triangular2', {}, (cycle: number) => 0.5 ** (cycle - 1)],
  ['expRange', { gamma: 0.98 }, (_cycle: number, t: number) => 0.98 ** t],
  ['triangular', { scale: (cycle: number) => 1 / cycle }, (cycle: number) => 1 / cycle],
  [
    'triangular',
    { scale: (t: number) => 1 / (1 + t), scaleMode: 'iterations' },
    (_cycle: number, t: number) => 1 / (1 + t),
  ],
] as const)('cyclic, %s %o', (mode, options, scale) => {
  const size = { baseLr: 0.01, maxLr: 0.3, stepSizeUp: 4, stepSizeDown: 6, mode };
  const { lr, momentum } = schedule.cyclic({ ...size, ...options });
  expect(
    distance(sampled(lr, 7), oracle.unrolled(oracle.cyclicLr([0.01, 0.3], [4, 6], scale), 7, COUNT)),
  ).toBeLessThan(1e-12);
  expect(
    distance(sampled(momentum!, 7), oracle.unrolled(oracle.cyclicLr([0.9, 0.8], [4, 6], scale), 7, COUNT)),
  ).toBeLessThan(1e-12);
});
