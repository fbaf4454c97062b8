import { KnownKeys, nonNegative, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Optimizer } from '../optim/index.ts';
import type { GroupOptions } from '../optim/group.ts';
import { recording } from '../recorder.ts';
import { targetsOf } from './schedule.ts';

/** Options of {@link reduceOnPlateau}. */
export interface PlateauOptions {
  /** Whether the metric should fall or rise; `min` unless given. */
  readonly mode?: 'min' | 'max';
  /** What lr is multiplied by, below 1; .1 unless given. */
  readonly factor?: number;
  /** Steps without a better metric that are borne; 10 unless given. */
  readonly patience?: number;
  /** How much better counts as better; 1e-4 unless given. */
  readonly threshold?: number;
  /** Whether that is a share of the best or a difference; `rel` unless given. */
  readonly thresholdMode?: 'rel' | 'abs';
  /** Steps after a reduction that do not count; 0 unless given. */
  readonly cooldown?: number;
  /** What the field does not fall below; 0 unless given. */
  readonly min?: number;
  /** Smaller reductions are left out; 1e-8 unless given. */
  readonly eps?: number;
  /** Which field is reduced; `lr` unless given. */
  readonly field?: string;
}

/** What a plateau keeps. */
export interface PlateauState {
  /** The best metric so far. */
  readonly best: number;
  readonly badSteps: number;
  readonly cooldownLeft: number;
}

const keys = new KnownKeys([
  'mode',
  'factor',
  'patience',
  'threshold',
  'thresholdMode',
  'cooldown',
  'min',
  'eps',
  'field',
]);
const stateKeys = new KnownKeys(['best', 'badSteps', 'cooldownLeft']);

/** Reduces a field when a metric gets no better: made by {@link reduceOnPlateau}. */
export class Plateau {
  readonly #targets: readonly Record<string, unknown>[];
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #badSteps = 0;
  #cooldownLeft = 0;

  /** Use {@link reduceOnPlateau}. */
  constructor(targets: readonly object[], options: PlateauOptions) {
    this.#options = complete(options);
    this.#targets = targets as readonly Record<string, unknown>[];
    const { field, mode } = this.#options;
    for (const target of this.#targets) {
      if (typeof target[field] === 'number') continue;
      throw new ArgumentError('ERR_OPTION', owner, 'field', 'a number of what it reduces', target[field]);
    }
    this.#best = mode === 'min' ? Infinity : -Infinity;
  }

  /**
   * Tells it the metric of an epoch. It looks at a number, so it must stand outside of captured steps;
   * with `fit` it belongs into `onProgress`, which holds the run until it returns.
   */
  step(metric: number): void {
    recording.now?.changes('the fields of a schedule');
    if (typeof metric !== 'number') throw new ArgumentError('ERR_TYPE', owner, 'metric', 'a number', metric);
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
    } else {
      this.#badSteps++;
    }
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badSteps = 0;
    }
    if (this.#badSteps > patience) {
      this.#reduce();
      this.#cooldownLeft = cooldown;
      this.#badSteps = 0;
    }
  }

  /** Where it is. The field itself is in the state of the optimizer. */
  stateDict(): PlateauState {
    return { best: this.#best, badSteps: this.#badSteps, cooldownLeft: this.#cooldownLeft };
  }

  /** Goes on from where `state` was taken. */
  loadStateDict(state: PlateauState): void {
    stateKeys.check(owner, state, 'state');
    const { best, badSteps, cooldownLeft } = state;
    if (typeof best !== 'number') throw new ArgumentError('ERR_TYPE', owner, 'best', 'a number', best);
    whole(owner, 'badSteps', badSteps);
    whole(owner, 'cooldownLeft', cooldownLeft);
    [this.#best, this.#badSteps, this.#cooldownLeft] = [best, badSteps, cooldownLeft];
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const best = this.#best;
    const sign = mode === 'min' ? -1 : 1;
    const bound = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === 'min' ? metric < bound : metric > bound;
  }

  #reduce(): void {
    const { field, factor, min, eps } = this.#options;
    for (const target of this.#targets) {
      const before = target[field] as number;
      const after = Math.max(before * factor, min);
      if (before - after > eps) target[field] = after;
    }
  }
}

const owner = 'schedule.reduceOnPlateau';

const defaults: Required<PlateauOptions> = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  min: 0,
  eps: 1e-8,
  field: 'lr',
};

function complete(options: PlateauOptions): Required<PlateauOptions> {
  keys.check(owner, options);
  const all = { ...defaults, ...options };
  const { mode, factor, patience, threshold, thresholdMode, cooldown, min, eps } = all;
  oneOf(owner, 'mode', mode, ['min', 'max']);
  oneOf(owner, 'thresholdMode', thresholdMode, ['rel', 'abs']);
  if (nonNegative(owner, 'factor', factor) >= 1) {
    throw new ArgumentError('ERR_OPTION', owner, 'factor', 'below 1', factor);
  }
  whole(owner, 'patience', patience);
  whole(owner, 'cooldown', cooldown);
  nonNegative(owner, 'threshold', threshold);
  nonNegative(owner, 'min', min);
  nonNegative(owner, 'eps', eps);
  return all;
}

/**
 * Multiplies lr by `factor` when a metric has got no better for more than `patience` steps: PyTorch's
 * `ReduceLROnPlateau`. `target` is an optimizer, a group, or any object with the field.
 *
 * @example
 * const plateau = schedule.reduceOnPlateau(optimizer, { patience: 3 });
 * await fit(model, { ..., onProgress: ({ validation }) => plateau.step(validation.total) });
 */
export function reduceOnPlateau<Options extends GroupOptions>(
  target: Optimizer<Options> | object,
  options: PlateauOptions = {},
): Plateau {
  if (typeof target !== 'object' || target === null) {
    throw new ArgumentError('ERR_TYPE', owner, 'target', 'an optimizer, a group or another object', target);
  }
  return new Plateau(targetsOf(target), options);
}
