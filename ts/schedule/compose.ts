import { KnownKeys, nonNegative, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { checkCurve, checkMilestones, type Curve, linear } from './curve.ts';

/**
 * The first curve up to the first milestone, from there the second, counted from 0 again, and so on:
 * PyTorch's `SequentialLR`. There is one milestone fewer than curves.
 *
 * @example
 * sequential([linear({ totalIters: 10 }), cosine({ tMax: 90 })], [10]);
 */
export function sequential(curves: readonly Curve[], milestones: readonly number[]): Curve {
  const owner = 'schedule.sequential';
  checkCurves(owner, curves);
  checkMilestones(owner, milestones);
  if (milestones.length !== curves.length - 1) {
    const expected = `a list of ${curves.length - 1}, one fewer than curves`;
    throw new ArgumentError('ERR_VALUE', owner, 'milestones', expected, milestones);
  }
  if (milestones.some((mark, i) => i > 0 && mark <= milestones[i - 1]!)) {
    throw new ArgumentError(
      'ERR_VALUE',
      owner,
      'milestones',
      'in rising order',
      `[${milestones.join(', ')}]`,
    );
  }
  const [list, marks] = [[...curves], [...milestones]];
  return (k, base) => {
    const reached = marks.filter((mark) => mark <= k);
    return list[reached.length]!(k - (reached.at(-1) ?? 0), base);
  };
}

/**
 * All curves at once, each acting on what the one before it left: PyTorch's `ChainedScheduler`. Where they
 * fall towards 0 that is the product of their factors.
 *
 * @example
 * chained(constant({ factor: 0.1, totalIters: 20 }), exponential({ gamma: 0.9 }));
 */
export function chained(...curves: readonly Curve[]): Curve {
  checkCurves('schedule.chained', curves);
  const values = new Map<number, number[]>();
  return (k, base) => {
    const known = values.get(base) ?? [curves.reduce((value, curve) => curve(0, value), base)];
    values.set(base, known);
    while (known.length <= k) {
      const at = known.length;
      known.push(curves.reduce((value, curve) => moved(curve, at, base, value), known[at - 1]!));
    }
    return known[k]!;
  };
}

/** `value`, moved as the curve moves from the step before `k` to `k`. */
function moved(curve: Curve, k: number, base: number, value: number): number {
  const { floor = 0 } = curve;
  const [before, after] = [curve(k - 1, base) - floor, curve(k, base) - floor];
  // From the floor itself there is no factor: the distance is added.
  return before === 0 ? value + after : floor + (value - floor) * (after / before);
}

/** Options of {@link warmUp}. */
export interface WarmUpOptions {
  /** Steps until the field has its own value, at least 1. */
  readonly totalIters: number;
  /** What the first step multiplies by; 1/3 unless given. */
  readonly startFactor?: number;
}

const warmUpKeys = new KnownKeys(['totalIters', 'startFactor']);

/**
 * In a line from base·startFactor to base, then `then`, counted from 0; base for ever without one.
 *
 * @example
 * warmUp({ totalIters: 10 }, cosine({ tMax: 90 }));
 */
export function warmUp(options: WarmUpOptions, then: Curve = (_, base) => base): Curve {
  const owner = 'schedule.warmUp';
  warmUpKeys.check(owner, options);
  const { totalIters, startFactor = 1 / 3 } = options;
  whole(owner, 'totalIters', totalIters, 1);
  nonNegative(owner, 'startFactor', startFactor);
  checkCurve(owner, 'then', then);
  return sequential([linear({ totalIters, startFactor }), then], [totalIters]);
}

function checkCurves(owner: string, curves: readonly Curve[]): void {
  if (!Array.isArray(curves) || curves.length === 0) {
    throw new ArgumentError('ERR_TYPE', owner, 'curves', 'a list of curves, not empty', curves);
  }
  for (const curve of curves) checkCurve(owner, 'curves', curve);
}
