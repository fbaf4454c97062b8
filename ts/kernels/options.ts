import { decayRate, finite, flag, KnownKeys, nonNegative, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import {
  type Apply,
  APPLY,
  applies,
  type Decay,
  DECAY,
  decays,
  L1,
  L2,
  LR,
  MAXIMIZE,
  NEAR_ZERO,
  ownOption,
  SCHEDULE_MULTIPLIER,
  WEIGHT_DECAY,
} from './control.ts';
import type { ExecOptions } from './exec.ts';

/** Options of every update; strengths are 0 unless given. */
export interface UpdateOptions extends ExecOptions {
  /** Learning rate, at least 0. */
  readonly lr: number;
  /** Multiplies ½Σw² (PyTorch's `weight_decay`); 0 unless given. */
  readonly weightDecay?: number;
  /** Where the decay acts: `adamw` decouples it, the others couple it. */
  readonly decay?: Decay;
  /** The schedule's multiplier, lr over its initial value, for `decay: 'independent'`; 1 unless given. */
  readonly scheduleMultiplier?: number;
  /** Multiplies Σ|w|. */
  readonly l1?: number;
  /** Multiplies Σw². */
  readonly l2?: number;
  /** How the penalty acts: `proximal` where `l1` is given, else `coupled`. */
  readonly apply?: Apply;
  /** |w| below it counts as nearly zero; 1e-4 unless given. */
  readonly nearZero?: number;
  /** Whether the objective is maximized: the incoming gradient is negated. */
  readonly maximize?: boolean;
}

/** Options of {@link sgd}. */
export interface SgdOptions extends UpdateOptions {
  /** μ of the momentum; 0 unless given, and then no buffer is needed. */
  readonly momentum?: number;
  /** How much of a gradient the buffer does not take; 0 unless given. */
  readonly dampening?: number;
  /** Nesterov's look-ahead; needs momentum and no dampening. */
  readonly nesterov?: boolean;
  /** Steps taken, with this one, from 1. The first sets the buffer to the gradient; only dampening needs it. */
  readonly step?: number;
}

/** Options of {@link adam} and {@link adamw}. */
export interface AdamOptions extends UpdateOptions {
  /** Steps taken, with this one, from 1: what the moments are corrected by. */
  readonly step: number;
  /** Rate of the first moment; .9 unless given. */
  readonly beta1?: number;
  /** Rate of the second moment; .999 unless given. */
  readonly beta2?: number;
  /** Added to √v̂, outside the bias correction; 1e-8 unless given. */
  readonly eps?: number;
}

const common = [
  'lr',
  'weightDecay',
  'decay',
  'scheduleMultiplier',
  'l1',
  'l2',
  'apply',
  'nearZero',
  'maximize',
];
const exec = ['isa', 'threads'];

export const sgdKeys: KnownKeys = new KnownKeys([
  ...common,
  ...exec,
  'momentum',
  'dampening',
  'nesterov',
  'step',
]);
export const adamKeys: KnownKeys = new KnownKeys([...common, ...exec, 'beta1', 'beta2', 'eps', 'step']);

const MOMENTUM = ownOption('sgd', 'momentum');
const DAMPENING = ownOption('sgd', 'dampening');
const NESTEROV = ownOption('sgd', 'nesterov');
const BETA1 = ownOption('adam', 'beta1');
const BETA2 = ownOption('adam', 'beta2');
const EPS = ownOption('adam', 'eps');

/** Writes the options of every update into the group at `base`, each checked. */
export function writeCommon(
  numbers: Float64Array,
  base: number,
  owner: string,
  options: UpdateOptions,
  decay: Decay,
): void {
  const apply = options.apply ?? (options.l1 === undefined ? 'coupled' : 'proximal');
  numbers[base + LR] = nonNegative(owner, 'lr', options.lr);
  numbers[base + WEIGHT_DECAY] = nonNegative(owner, 'weightDecay', options.weightDecay ?? 0);
  numbers[base + DECAY] = choice(owner, 'decay', options.decay ?? decay, decays);
  numbers[base + SCHEDULE_MULTIPLIER] = nonNegative(
    owner,
    'scheduleMultiplier',
    options.scheduleMultiplier ?? 1,
  );
  numbers[base + L1] = nonNegative(owner, 'l1', options.l1 ?? 0);
  numbers[base + L2] = nonNegative(owner, 'l2', options.l2 ?? 0);
  numbers[base + APPLY] = choice(owner, 'apply', apply, applies);
  numbers[base + NEAR_ZERO] = nonNegative(owner, 'nearZero', options.nearZero ?? 1e-4);
  numbers[base + MAXIMIZE] = flag(owner, 'maximize', options.maximize ?? false) ? 1 : 0;
}

/** The number of a mode: its place among `choices`. */
function choice<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): number {
  for (let i = 0; i < choices.length; i++) if (choices[i] === value) return i; // indexOf() takes a call
  oneOf(owner, name, value, choices);
  return 0;
}

/** Writes SGD's own options behind the common ones, each checked. */
export function writeSgd(
  numbers: Float64Array,
  base: number,
  owner: string,
  options: Pick<SgdOptions, 'momentum' | 'dampening' | 'nesterov'>,
): void {
  const momentum = nonNegative(owner, 'momentum', options.momentum ?? 0);
  const dampening = finite(owner, 'dampening', options.dampening ?? 0);
  const nesterov = flag(owner, 'nesterov', options.nesterov ?? false);
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    const expected = 'false without momentum or with dampening';
    throw new ArgumentError('ERR_OPTION', owner, 'nesterov', expected, nesterov);
  }
  const penalized = numbers[base + L1] !== 0 || numbers[base + L2] !== 0;
  if (momentum >= 1 && penalized && numbers[base + APPLY] === applies.indexOf('proximal')) {
    const fix = "Its steps grow without end, so no threshold fits; use apply: 'proximal-decoupled'.";
    throw new ArgumentError('ERR_OPTION', owner, 'momentum', "below 1 with apply: 'proximal'", momentum, fix);
  }
  numbers[base + MOMENTUM] = momentum;
  numbers[base + DAMPENING] = dampening;
  numbers[base + NESTEROV] = nesterov ? 1 : 0;
}

/** Writes Adam's own options behind the common ones, each checked. */
export function writeAdam(
  numbers: Float64Array,
  base: number,
  owner: string,
  options: Pick<AdamOptions, 'beta1' | 'beta2' | 'eps'>,
): void {
  numbers[base + BETA1] = decayRate(owner, 'beta1', options.beta1 ?? 0.9);
  numbers[base + BETA2] = decayRate(owner, 'beta2', options.beta2 ?? 0.999);
  numbers[base + EPS] = nonNegative(owner, 'eps', options.eps ?? 1e-8);
}

/** The number of a step, from 1. */
export function checkStep(owner: string, step: number): number {
  return whole(owner, 'step', step, 1);
}
