import { finite, KnownKeys, nonNegative, positive, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';

/**
 * What a field is at step `step`, from 0, if it starts from `base`: a pure function, so that steps may
 * be asked for ahead of time and in any order. Any function of this form is one.
 */
export interface Curve {
  (step: number, base: number): number;
  /** What the curve falls towards: {@link chained} scales the distance from it. 0 unless there is one. */
  readonly floor?: number;
}

/** Throws unless `curve` is a function. */
export function checkCurve(owner: string, name: string, curve: unknown): void {
  if (typeof curve === 'function') return;
  const fix =
    'Take one of schedule, such as schedule.cosine({ tMax: 100 }), or (step, base) => base / (1 + step).';
  throw new ArgumentError('ERR_TYPE', owner, name, 'a curve', curve, fix);
}

/** Options of {@link step}. */
export interface StepOptions {
  /** Steps between two changes, at least 1. */
  readonly stepSize: number;
  /** What each change multiplies by; .1 unless given. */
  readonly gamma?: number;
}

const stepKeys = new KnownKeys(['stepSize', 'gamma']);

/** base·gamma^⌊k/stepSize⌋: PyTorch's `StepLR`. */
export function step(options: StepOptions): Curve {
  const owner = 'schedule.step';
  stepKeys.check(owner, options);
  const { stepSize, gamma = 0.1 } = options;
  whole(owner, 'stepSize', stepSize, 1);
  finite(owner, 'gamma', gamma);
  return (k, base) => base * gamma ** Math.floor(k / stepSize);
}

/** Options of {@link multiStep}. */
export interface MultiStepOptions {
  /** Steps at which the field changes; one that is given twice counts twice. */
  readonly milestones: readonly number[];
  /** What each change multiplies by; .1 unless given. */
  readonly gamma?: number;
}

const multiStepKeys = new KnownKeys(['milestones', 'gamma']);

/** base·gamma^m, m the milestones that are reached: PyTorch's `MultiStepLR`. */
export function multiStep(options: MultiStepOptions): Curve {
  const owner = 'schedule.multiStep';
  multiStepKeys.check(owner, options);
  const { milestones, gamma = 0.1 } = options;
  checkMilestones(owner, milestones);
  finite(owner, 'gamma', gamma);
  const marks = [...milestones];
  return (k, base) => base * gamma ** marks.filter((mark) => mark <= k).length;
}

/** Throws unless `milestones` is a list of numbers of steps. */
export function checkMilestones(owner: string, milestones: readonly number[]): void {
  if (!Array.isArray(milestones)) {
    throw new ArgumentError('ERR_TYPE', owner, 'milestones', 'a list of numbers of steps', milestones);
  }
  for (const mark of milestones) whole(owner, 'milestones', mark);
}

/** Options of {@link exponential}. */
export interface ExponentialOptions {
  /** What each step multiplies by. */
  readonly gamma: number;
}

const exponentialKeys = new KnownKeys(['gamma']);

/** base·gammaᵏ: PyTorch's `ExponentialLR`. */
export function exponential(options: ExponentialOptions): Curve {
  const owner = 'schedule.exponential';
  exponentialKeys.check(owner, options);
  const gamma = finite(owner, 'gamma', options.gamma);
  return (k, base) => base * gamma ** k;
}

/** Options of {@link constant}. */
export interface ConstantOptions {
  /** What the first steps multiply by; 1/3 unless given. */
  readonly factor?: number;
  /** How many steps these are; 5 unless given. */
  readonly totalIters?: number;
}

const constantKeys = new KnownKeys(['factor', 'totalIters']);

/** base·factor for `totalIters` steps, then base: PyTorch's `ConstantLR`. */
export function constant(options: ConstantOptions = {}): Curve {
  const owner = 'schedule.constant';
  constantKeys.check(owner, options);
  const { factor = 1 / 3, totalIters = 5 } = options;
  nonNegative(owner, 'factor', factor);
  whole(owner, 'totalIters', totalIters);
  return (k, base) => (k < totalIters ? base * factor : base);
}

/** Options of {@link linear}. */
export interface LinearOptions {
  /** What the first step multiplies by; 1/3 unless given. */
  readonly startFactor?: number;
  /** What the last one and all later ones multiply by; 1 unless given. */
  readonly endFactor?: number;
  /** Steps from the one to the other, at least 1; 5 unless given. */
  readonly totalIters?: number;
}

const linearKeys = new KnownKeys(['startFactor', 'endFactor', 'totalIters']);

/** base times a factor that goes in a line from `startFactor` to `endFactor`: PyTorch's `LinearLR`. */
export function linear(options: LinearOptions = {}): Curve {
  const owner = 'schedule.linear';
  linearKeys.check(owner, options);
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
  nonNegative(owner, 'startFactor', startFactor);
  nonNegative(owner, 'endFactor', endFactor);
  whole(owner, 'totalIters', totalIters, 1);
  return (k, base) =>
    base * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, k)) / totalIters);
}

/** Options of {@link polynomial}. */
export interface PolynomialOptions {
  /** Steps to the end, at least 1; 5 unless given. */
  readonly totalIters?: number;
  /** 1 unless given: a line. */
  readonly power?: number;
  /** The value at the end; 0 unless given. */
  readonly end?: number;
}

const polynomialKeys = new KnownKeys(['totalIters', 'power', 'end']);

/** end + (base − end)(1 − k/totalIters)^power, then `end`: PyTorch's `PolynomialLR`, optax's `polynomial_schedule`. */
export function polynomial(options: PolynomialOptions = {}): Curve {
  const owner = 'schedule.polynomial';
  polynomialKeys.check(owner, options);
  const { totalIters = 5, power = 1, end = 0 } = options;
  whole(owner, 'totalIters', totalIters, 1);
  positive(owner, 'power', power);
  finite(owner, 'end', end);
  const curve = (k: number, base: number): number =>
    end + (base - end) * (1 - Math.min(totalIters, k) / totalIters) ** power;
  return Object.assign(curve, { floor: end });
}

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Steps from the top to the bottom, at least 1. */
  readonly tMax: number;
  /** The value at the bottom; 0 unless given. */
  readonly etaMin?: number;
}

const cosineKeys = new KnownKeys(['tMax', 'etaMin']);

/**
 * etaMin + (base − etaMin)(1 + cos(πk/tMax))/2: PyTorch's `CosineAnnealingLR`. Behind `tMax` it rises
 * again, as there; {@link sequential} can end it.
 *
 * @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983
 */
export function cosine(options: CosineOptions): Curve {
  const owner = 'schedule.cosine';
  cosineKeys.check(owner, options);
  const { tMax, etaMin = 0 } = options;
  whole(owner, 'tMax', tMax, 1);
  finite(owner, 'etaMin', etaMin);
  const curve = (k: number, base: number): number => annealed(base, etaMin, k / tMax);
  return Object.assign(curve, { floor: etaMin });
}

/** Half a cosine from `start` to `end`, at `share` of the way. */
export function annealed(start: number, end: number, share: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** Options of {@link cosineWarmRestarts}. */
export interface CosineWarmRestartsOptions {
  /** Steps of the first period, at least 1. */
  readonly t0: number;
  /** What each period is longer by than the last; 1 unless given. */
  readonly tMult?: number;
  /** The value at the bottom; 0 unless given. */
  readonly etaMin?: number;
}

const restartsKeys = new KnownKeys(['t0', 'tMult', 'etaMin']);

/** {@link cosine} from the top again after each period: PyTorch's `CosineAnnealingWarmRestarts`. */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Curve {
  const owner = 'schedule.cosineWarmRestarts';
  restartsKeys.check(owner, options);
  const { t0, tMult = 1, etaMin = 0 } = options;
  whole(owner, 't0', t0, 1);
  whole(owner, 'tMult', tMult, 1);
  finite(owner, 'etaMin', etaMin);
  const curve = (k: number, base: number): number => {
    let [at, period] = [k, t0];
    if (tMult === 1) at %= t0;
    for (; at >= period; period *= tMult) at -= period;
    return annealed(base, etaMin, at / period);
  };
  return Object.assign(curve, { floor: etaMin });
}

/** base·factor(k): PyTorch's `LambdaLR`. */
export function lambda(factor: (step: number) => number): Curve {
  checkCurve('schedule.lambda', 'factor', factor);
  return (k, base) => base * factor(k);
}

/** base times the product of factor(1) … factor(k): PyTorch's `MultiplicativeLR`. */
export function multiplicative(factor: (step: number) => number): Curve {
  checkCurve('schedule.multiplicative', 'factor', factor);
  const products = [1];
  return (k, base) => {
    while (products.length <= k) products.push(products.at(-1)! * factor(products.length));
    return base * products[k]!;
  };
}
