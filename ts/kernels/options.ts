import {
  decayRate,
  finite,
  flag,
  KnownKeys,
  nonNegative,
  nonPositive,
  oneOf,
  positive,
  probability,
  whole,
} from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { OptimizerSpec } from '../native.ts';
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
  OWN,
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
  /** Whether the gradient is multiplied by lr before the buffer, as in Keras: it keeps the rates of its past. */
  readonly lrInBuffer?: boolean;
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
  /** Whether `eps` is added to √v before the correction instead, as in Keras. */
  readonly epsHat?: boolean;
}

/**
 * Options of an update that {@link bind} knows by its name: the common ones, and those that the
 * optimizer alone has, each with PyTorch's default.
 */
export interface OwnOptions extends UpdateOptions {
  /** Steps taken, with this one, from 1; counted unless given. */
  readonly step?: number;
  readonly [own: string]: unknown;
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

/** The keys that options of one update of this optimizer may have. */
export function keysOf({ options }: OptimizerSpec): KnownKeys {
  return new KnownKeys([...common, ...exec, ...options.map(({ name }) => name), 'step']);
}

const PROXIMAL = applies.indexOf('proximal');

/** Writes the options of every update into the group at `base`, each checked. */
export function writeCommon(
  numbers: Float64Array,
  base: number,
  owner: string,
  options: UpdateOptions,
  { spec, decay }: { readonly spec: OptimizerSpec; readonly decay: Decay },
): void {
  const lr = spec.lr === 'positive' ? positive : nonNegative;
  const apply = options.apply ?? (options.l1 === undefined ? 'coupled' : 'proximal');
  numbers[base + LR] = lr(owner, 'lr', options.lr);
  numbers[base + WEIGHT_DECAY] = nonNegative(owner, 'weightDecay', options.weightDecay ?? 0);
  numbers[base + DECAY] = choice(owner, 'decay', options.decay ?? decay, decays);
  numbers[base + SCHEDULE_MULTIPLIER] = nonNegative(
    owner,
    'scheduleMultiplier',
    options.scheduleMultiplier ?? 1,
  );
  numbers[base + L1] = nonNegative(owner, 'l1', options.l1 ?? 0);
  numbers[base + L2] = nonNegative(owner, 'l2', options.l2 ?? 0);
  numbers[base + APPLY] = meaningful(owner, choice(owner, 'apply', apply, applies), spec);
  numbers[base + NEAR_ZERO] = nonNegative(owner, 'nearZero', options.nearZero ?? 1e-4);
  numbers[base + MAXIMIZE] = flag(owner, 'maximize', options.maximize ?? false) ? 1 : 0;
}

/** The number of a mode: its place among `choices`. */
function choice<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): number {
  for (let i = 0; i < choices.length; i++) if (choices[i] === value) return i; // indexOf() takes a call
  oneOf(owner, name, value, choices);
  return 0;
}

/** The way in which a penalty acts, if it has a meaning for this optimizer. */
function meaningful(owner: string, apply: number, { applies: ways, otherwise }: OptimizerSpec): number {
  if (ways.length === applies.length || ways.includes(apply)) return apply;
  const expected = `one of ${ways.map((way) => applies[way]).join(', ')}`;
  throw new ArgumentError('ERR_OPTION', owner, 'apply', expected, applies[apply], otherwise);
}

/** Checks of numbers by the names of their ranges; a flag is checked by itself. */
const ranges: Readonly<Record<string, (owner: string, name: string, value: number) => number>> = {
  finite,
  nonNegative,
  positive,
  nonPositive,
  rate: decayRate,
  share: probability,
  momentum: nonNegative,
};

/** Writes an optimizer's own options behind the common ones, each checked; what is left out has its default. */
export function writeOwn(
  numbers: Float64Array,
  base: number,
  owner: string,
  options: object,
  spec: OptimizerSpec,
): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (let i = 0; i < spec.options.length; i++) {
    const { name, range, default: usual } = spec.options[i]!;
    const value = given[name];
    numbers[base + OWN + i] = value === undefined ? usual : numberOf(owner, name, range, value);
    if (range === 'momentum') steadyUnderProx(numbers, base, owner, numbers[base + OWN + i]!);
  }
}

function numberOf(owner: string, name: string, range: string, value: unknown): number {
  if (range !== 'flag') return ranges[range]!(owner, name, value as number);
  return flag(owner, name, value as boolean) ? 1 : 0;
}

/** A prox in the metric of momentum scales by 1/(1 − μ). */
function steadyUnderProx(numbers: Float64Array, base: number, owner: string, momentum: number): void {
  const penalized = numbers[base + L1] !== 0 || numbers[base + L2] !== 0;
  if (momentum < 1 || !penalized || numbers[base + APPLY] !== PROXIMAL) return;
  const fix = "Its steps grow without end, so no threshold fits; use apply: 'proximal-decoupled'.";
  throw new ArgumentError('ERR_OPTION', owner, 'momentum', "below 1 with apply: 'proximal'", momentum, fix);
}

/** Throws if Nesterov's look-ahead is asked of an SGD that has nothing to look ahead by. */
export function checkNesterov(
  owner: string,
  { momentum = 0, dampening = 0, nesterov = false }: Pick<SgdOptions, 'momentum' | 'dampening' | 'nesterov'>,
): void {
  if (!nesterov || (momentum !== 0 && dampening === 0)) return;
  const expected = 'false without momentum or with dampening';
  throw new ArgumentError('ERR_OPTION', owner, 'nesterov', expected, nesterov);
}

/** The number of a step, from 1. */
export function checkStep(owner: string, step: number): number {
  return whole(owner, 'step', step, 1);
}
