import { nn, optim, penalty, schedule } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { wavering } from '../oracle/plateau.ts';

const metrics = wavering(60);

const choices = [
  {},
  { patience: 2, factor: 0.5 },
  { patience: 0, cooldown: 3, factor: 0.5 },
  { patience: 1, threshold: 0.05, thresholdMode: 'abs', factor: 0.7 },
  { mode: 'max', patience: 2, factor: 0.5 },
  { mode: 'max', patience: 1, threshold: 0.02, thresholdMode: 'abs', factor: 0.3 },
  { patience: 1, factor: 0.1, min: 1e-3 },
  { patience: 0, factor: 0.999, eps: 1e-3 },
] as const;

/** ReduceLROnPlateau of PyTorch, line by line. */
function pytorch(base: number, options: schedule.PlateauOptions): number[] {
  const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options;
  const { cooldown = 0, min = 0, eps = 1e-8 } = options;
  let [lr, best, bad, cooling] = [base, mode === 'min' ? Infinity : -Infinity, 0, 0];
  const isBetter = (a: number): boolean => {
    if (mode === 'min' && thresholdMode === 'rel') return a < best * (1 - threshold);
    if (mode === 'min') return a < best - threshold;
    if (thresholdMode === 'rel') return a > best * (threshold + 1);
    return a > best + threshold;
  };
  return metrics.map((metric) => {
    if (isBetter(metric)) [best, bad] = [metric, 0];
    else bad += 1;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) {
      const next = Math.max(lr * factor, min);
      if (lr - next > eps) lr = next;
      [cooling, bad] = [cooldown, 0];
    }
    return lr;
  });
}

describe.each(choices)('reduceOnPlateau with %o', (options) => {
  test('reduces lr where PyTorch does', () => {
    const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 });
    const plateau = schedule.reduceOnPlateau(optimizer, options);
    const found = metrics.map((metric) => {
      plateau.step(metric);
      return optimizer.paramGroups[0]!.lr;
    });
    expect(found).toEqual(pytorch(0.1, options));
  });

  test('reduces a strength, and goes on from its state', () => {
    const [one, other] = [penalty.l2(0.1), penalty.l2(0.1)];
    const first = schedule.reduceOnPlateau(one, { ...options, field: 'l2' });
    metrics.slice(0, 30).forEach((metric) => first.step(metric));
    const second = schedule.reduceOnPlateau(other, { ...options, field: 'l2' });
    second.loadStateDict(structuredClone(first.stateDict()));
    other.l2 = one.l2;
    for (const metric of metrics.slice(30)) {
      first.step(metric);
      second.step(metric);
      expect(other.l2).toBe(one.l2);
    }
    expect(one.l2).toBe(pytorch(0.1, options).at(-1));
  });
});

test.each([
  [{ factor: 1 }, 'schedule.reduceOnPlateau: `factor` must be below 1, got 1'],
  [{ field: 'rate' }, 'schedule.reduceOnPlateau: `field` must be a number of what it reduces, got undefined'],
  [{ patience: -1 }, 'schedule.reduceOnPlateau: `patience` must be a whole number >= 0, got -1'],
])('refuses %o', (options, message) => {
  const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 });
  expect(refusal(() => schedule.reduceOnPlateau(optimizer, options))?.message).toBe(message);
});

test('a metric that is no number is refused', () => {
  const plateau = schedule.reduceOnPlateau({ lr: 1 });
  const told = refusal(() => plateau.step('0.1' as unknown as number));
  expect(told?.message).toContain('`metric` must be a number, got 0.1');
});
