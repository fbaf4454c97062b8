import { decayRate, finite, flag, nonNegative, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Apply, applies, type CommonNumbers, type Decay, decays } from './control.ts';
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

export const sgdKeys: ReadonlySet<string> = new Set([
  ...common,
  ...exec,
  'momentum',
  'dampening',
  'nesterov',
  'step',
]);
export const adamKeys: ReadonlySet<string> = new Set([...common, ...exec, 'beta1', 'beta2', 'eps', 'step']);

/** The options of every update, checked. */
export function checkCommon(owner: string, options: UpdateOptions, decay: Decay): CommonNumbers {
  const checked = {
    lr: nonNegative(owner, 'lr', options.lr),
    weightDecay: nonNegative(owner, 'weightDecay', options.weightDecay ?? 0),
    decay: options.decay ?? decay,
    scheduleMultiplier: nonNegative(owner, 'scheduleMultiplier', options.scheduleMultiplier ?? 1),
    l1: nonNegative(owner, 'l1', options.l1 ?? 0),
    l2: nonNegative(owner, 'l2', options.l2 ?? 0),
    apply: options.apply ?? (options.l1 === undefined ? 'coupled' : 'proximal'),
    nearZero: nonNegative(owner, 'nearZero', options.nearZero ?? 1e-4),
    maximize: flag(owner, 'maximize', options.maximize ?? false),
  };
  if (options.decay !== undefined) oneOf(owner, 'decay', options.decay, decays);
  if (options.apply !== undefined) oneOf(owner, 'apply', options.apply, applies);
  return checked;
}

/** SGD's own numbers, checked, in the order of the native table. */
export function checkSgd(
  owner: string,
  options: SgdOptions,
  checked: CommonNumbers,
): readonly [number, number, number] {
  const momentum = nonNegative(owner, 'momentum', options.momentum ?? 0);
  const dampening = finite(owner, 'dampening', options.dampening ?? 0);
  const nesterov = flag(owner, 'nesterov', options.nesterov ?? false);
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new ArgumentError(
      'ERR_OPTION',
      owner,
      'nesterov',
      'false without momentum or with dampening',
      nesterov,
    );
  }
  if (momentum >= 1 && checked.apply === 'proximal' && (checked.l1 > 0 || checked.l2 > 0)) {
    const fix = "Its steps grow without end, so no threshold fits; use apply: 'proximal-decoupled'.";
    throw new ArgumentError('ERR_OPTION', owner, 'momentum', "below 1 with apply: 'proximal'", momentum, fix);
  }
  return [momentum, dampening, Number(nesterov)];
}

/** Adam's own numbers, checked, in the order of the native table. */
export function checkAdam(
  owner: string,
  options: Omit<AdamOptions, 'step'>,
): readonly [number, number, number] {
  return [
    decayRate(owner, 'beta1', options.beta1 ?? 0.9),
    decayRate(owner, 'beta2', options.beta2 ?? 0.999),
    nonNegative(owner, 'eps', options.eps ?? 1e-8),
  ];
}

/** The number of a step, from 1. */
export function checkStep(owner: string, step: number): number {
  return whole(owner, 'step', step, 1);
}
