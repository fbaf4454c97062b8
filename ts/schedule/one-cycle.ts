import { flag, KnownKeys, nonNegative, oneOf, positive, probability, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { annealed, type Curve } from './curve.ts';

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** lr at the top. */
  readonly maxLr: number;
  /** Steps of the whole cycle; or `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Which part of the cycle lr rises; .3 unless given. */
  readonly pctStart?: number;
  /** How it rises and falls; `cos` unless given. */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Whether momentum falls as lr rises; true unless given. */
  readonly cycleMomentum?: boolean;
  /** Momentum at the top of lr; .85 unless given. */
  readonly baseMomentum?: number;
  /** Momentum at the start and the end; .95 unless given. */
  readonly maxMomentum?: number;
  /** The first lr is maxLr/divFactor; 25 unless given. */
  readonly divFactor?: number;
  /** The last lr is the first one divided by this; 1e4 unless given. */
  readonly finalDivFactor?: number;
  /** Whether lr falls to its first value before it falls to its last; false unless given. */
  readonly threePhase?: boolean;
}

/** Curves of lr and of momentum that belong together. */
export interface Cycle {
  readonly lr: Curve;
  /** Of `momentum`, or of the first of `betas`; not there if momentum is left alone. */
  readonly momentum?: Curve;
}

/** From one value to another, up to a step. */
interface Phase {
  readonly end: number;
  readonly lr: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}

const keys = new KnownKeys([
  'maxLr',
  'totalSteps',
  'epochs',
  'stepsPerEpoch',
  'pctStart',
  'annealStrategy',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'divFactor',
  'finalDivFactor',
  'threePhase',
]);

/**
 * lr up and down once, momentum down and up: PyTorch's `OneCycleLR`. The values of the fields at the start
 * do not matter.
 *
 * @throws {ArgumentError} `ERR_VALUE` from a curve, when it is asked for a step behind the cycle.
 * @see Smith & Topin 2018, https://arxiv.org/abs/1708.07120
 * @example
 * const rates = schedule.of(optimizer, schedule.oneCycle({ maxLr: 0.1, totalSteps: 1000 }));
 */
export function oneCycle(options: OneCycleOptions): Cycle {
  const owner = 'schedule.oneCycle';
  keys.check(owner, options);
  const { annealStrategy = 'cos', cycleMomentum = true } = options;
  const phases = phasesOf(owner, options);
  oneOf(owner, 'annealStrategy', annealStrategy, ['cos', 'linear']);
  flag(owner, 'cycleMomentum', cycleMomentum);
  const anneal =
    annealStrategy === 'cos'
      ? annealed
      : (from: number, to: number, share: number) => (to - from) * share + from;
  const last = phases.at(-1)!.end;
  const curve =
    (field: 'lr' | 'momentum'): Curve =>
    (k) => {
      if (k > last + 1) {
        const fix = 'A longer cycle needs a larger totalSteps.';
        throw new ArgumentError('ERR_VALUE', owner, 'step', `at most ${last + 1}`, k, fix);
      }
      const at = phases.findIndex(({ end }, i) => k <= end || i === phases.length - 1);
      const [start, { end, [field]: values }] = [phases[at - 1]?.end ?? 0, phases[at]!];
      const share = end === start ? 1 : (k - start) / (end - start);
      return anneal(values[0], values[1], share);
    };
  return cycleMomentum ? { lr: curve('lr'), momentum: curve('momentum') } : { lr: curve('lr') };
}

function phasesOf(owner: string, options: OneCycleOptions): readonly Phase[] {
  const { maxLr, pctStart = 0.3, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
  const { divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  const total = totalOf(owner, options);
  nonNegative(owner, 'maxLr', maxLr);
  probability(owner, 'pctStart', pctStart);
  nonNegative(owner, 'baseMomentum', baseMomentum);
  nonNegative(owner, 'maxMomentum', maxMomentum);
  const first = maxLr / positive(owner, 'divFactor', divFactor);
  const min = first / positive(owner, 'finalDivFactor', finalDivFactor);
  const [up, down] = [
    [maxMomentum, baseMomentum],
    [baseMomentum, maxMomentum],
  ] as const;
  const rise: Phase = { end: pctStart * total - 1, lr: [first, maxLr], momentum: up };
  if (!flag(owner, 'threePhase', threePhase)) {
    return [rise, { end: total - 1, lr: [maxLr, min], momentum: down }];
  }
  return [
    rise,
    { end: 2 * pctStart * total - 2, lr: [maxLr, first], momentum: down },
    { end: total - 1, lr: [first, min], momentum: [maxMomentum, maxMomentum] },
  ];
}

function totalOf(owner: string, { totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (totalSteps !== undefined) return whole(owner, 'totalSteps', totalSteps, 1);
  if (epochs === undefined || stepsPerEpoch === undefined) {
    const fix = 'Pass totalSteps, or epochs and stepsPerEpoch.';
    throw new ArgumentError('ERR_OPTION', owner, 'totalSteps', 'a whole number >= 1', undefined, fix);
  }
  return whole(owner, 'epochs', epochs, 1) * whole(owner, 'stepsPerEpoch', stepsPerEpoch, 1);
}
