import { finite, KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { Optimizer } from '../optim/index.ts';
import type { GroupOptions, ParamGroup } from '../optim/group.ts';
import { recording } from '../recorder.ts';
import { checkCurve, type Curve } from './curve.ts';

/** Fields of `T` that are numbers. */
type NumericKeys<T> = { [K in keyof T]-?: T[K] extends number ? K : never }[keyof T] & string;

/**
 * Curves by the fields that follow them. `momentum` of a group that has `betas` instead is the first of these,
 * as in PyTorch's cycles.
 */
export type Curves<T> = { readonly [K in NumericKeys<T> | 'momentum']?: Curve };

/** What a schedule keeps: the step that it is at, and what each field started from. */
export interface ScheduleState {
  readonly step: number;
  /** For each target, its fields in the order of the curves. */
  readonly bases: readonly (readonly number[])[];
}

/** Where a field of a target lies, and what it started from. */
interface Field {
  readonly name: string;
  readonly curve: Curve;
  base: number;
  set(value: number): void;
}

const stateKeys = new KnownKeys(['step', 'bases']);

/**
 * Fields that follow curves from step to step: made by {@link of}. In a loop by hand, `step()` belongs behind
 * the optimizer's; `fit` takes `schedules: [schedule.at]`. It must not run inside of a captured function.
 */
export class Schedule {
  readonly #targets: readonly (readonly Field[])[];
  #step = 0;

  /** Use {@link of}. */
  constructor(targets: readonly object[], curves: Readonly<Record<string, Curve | undefined>>) {
    const given = Object.entries(curves).filter((entry): entry is [string, Curve] => entry[1] !== undefined);
    for (const [name, curve] of given) checkCurve('schedule.of', name, curve);
    this.#targets = targets.map((target) => given.map(([name, curve]) => fieldOf(target, name, curve)));
    this.#apply(0);
  }

  /** Steps taken, which is the place on the curves. */
  get taken(): number {
    return this.#step;
  }

  /** Sets the fields to what they are for the next step. */
  step(): void {
    this.#apply(this.#step + 1);
  }

  /** Sets the fields to what they are for step `number`, from 1: what `fit` calls. It needs no `this`. */
  readonly at = (number: number): void => {
    this.#apply(whole('schedule.at', 'number', number, 1) - 1);
  };

  /** Where it is. */
  stateDict(): ScheduleState {
    return { step: this.#step, bases: this.#targets.map((fields) => fields.map(({ base }) => base)) };
  }

  /**
   * Goes on from where `state` was taken, and sets the fields.
   *
   * @throws {ArgumentError} before anything changes, if it is not of as many targets and fields.
   */
  loadStateDict(state: ScheduleState): void {
    const owner = 'schedule.loadStateDict';
    stateKeys.check(owner, state, 'state');
    whole(owner, 'step', state.step);
    const shape = (lists: readonly (readonly unknown[])[]): string =>
      lists.map(({ length }) => length).join();
    if (!Array.isArray(state.bases) || shape(state.bases) !== shape(this.#targets)) {
      const expected = `of ${this.#targets.length} targets with ${this.#targets[0]?.length ?? 0} fields each`;
      throw new ArgumentError('ERR_STATE', owner, 'bases', expected, state.bases);
    }
    for (const base of state.bases.flat()) finite(owner, 'bases', base);
    this.#targets.forEach((fields, t) =>
      fields.forEach((field, f) => {
        field.base = state.bases[t]![f]!;
      }),
    );
    this.#apply(state.step);
  }

  #apply(step: number): void {
    recording.now?.changes('the fields of a schedule');
    const values = this.#targets.map((fields) => fields.map(({ curve, base }) => curve(step, base)));
    this.#targets.forEach((fields, t) => fields.forEach((field, f) => field.set(values[t]![f]!)));
    this.#step = step;
  }
}

function fieldOf(target: object, name: string, curve: Curve): Field {
  const fields = target as Record<string, unknown>;
  const value = fields[name];
  if (typeof value === 'number') {
    return { name, curve, base: value, set: (next) => (fields[name] = next) };
  }
  const { betas } = fields;
  if (name === 'momentum' && Array.isArray(betas)) {
    return {
      name,
      curve,
      base: betas[0] as number,
      set: (next) => (fields['betas'] = [next, ...betas.slice(1)]),
    };
  }
  const numbers = Object.keys(fields).filter((key) => typeof fields[key] === 'number');
  const fix = numbers.length === 0 ? undefined : `Its numbers are ${numbers.join(', ')}.`;
  throw new ArgumentError('ERR_OPTION', 'schedule.of', name, 'a number of what it schedules', value, fix);
}

/**
 * Lets fields follow curves: of an optimizer those of all its groups, else of any object or list of objects
 * (a group, a penalty, a layer). What a field is now is what its curve starts from; it gets its first value
 * at once.
 *
 * @example
 * const rates = schedule.of(optimizer, { lr: schedule.cosine({ tMax: 100 }) });
 * const strength = schedule.of(l1, { l1: schedule.linear({ startFactor: 0, totalIters: 500 }) });
 * for (const [x, y] of batches) {
 *   step(x, y);
 *   rates.step();
 * }
 */
export function of<Options extends GroupOptions>(
  target: Optimizer<Options>,
  curves: Curves<ParamGroup<Options>>,
): Schedule;
export function of<T extends object>(target: T | readonly T[], curves: Curves<T>): Schedule;
export function of(target: object, curves: Readonly<Record<string, Curve | undefined>>): Schedule {
  const owner = 'schedule.of';
  if (typeof target !== 'object' || target === null) {
    throw new ArgumentError('ERR_TYPE', owner, 'target', 'an optimizer, a group or another object', target);
  }
  if (typeof curves !== 'object' || curves === null || Object.keys(curves).length === 0) {
    throw new ArgumentError('ERR_TYPE', owner, 'curves', 'an object of curves by fields, not empty', curves);
  }
  return new Schedule(targetsOf(target), curves);
}

/** The groups of an optimizer, a list as it is, anything else alone. */
export function targetsOf(target: object): readonly object[] {
  if (target instanceof Optimizer) return target.paramGroups;
  return Array.isArray(target) ? (target as readonly object[]) : [target];
}
