/** Options of activations, which a function and its layer check alike. */
import { finite, KnownKeys, nonNegative, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';

/** Options that are numbers, and their defaults. */
class NumberOptions<Name extends string> {
  readonly #defaults: Readonly<Record<Name, number>>;
  readonly #keys: KnownKeys;

  constructor(defaults: Readonly<Record<Name, number>>) {
    this.#defaults = defaults;
    this.#keys = new KnownKeys(Object.keys(defaults));
  }

  /** All of them, each a finite number. */
  of(owner: string, options: Readonly<Partial<Record<Name, number>>>): Readonly<Record<Name, number>> {
    this.#keys.check(owner, options);
    const numbers: Record<Name, number> = { ...this.#defaults };
    for (const name in numbers) numbers[name] = finite(owner, name, options[name] ?? numbers[name]);
    return numbers;
  }
}

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** The slope below 0; 0.01 unless given. */
  readonly negativeSlope?: number;
}

export const leakyReluOptions: NumberOptions<'negativeSlope'> = new NumberOptions({ negativeSlope: 0.01 });

/** Options of {@link elu} and {@link celu}. */
export interface AlphaOptions {
  /** What it tends to below 0 is −`alpha`; 1 unless given. */
  readonly alpha?: number;
}

export const alphaOptions: NumberOptions<'alpha'> = new NumberOptions({ alpha: 1 });

/** Options of {@link softplus}. */
export interface SoftplusOptions {
  /** How sharply it bends at 0; 1 unless given. */
  readonly beta?: number;
  /** Where beta·x is above this, the result is x; 20 unless given. */
  readonly threshold?: number;
}

export const softplusOptions: NumberOptions<'beta' | 'threshold'> = new NumberOptions({
  beta: 1,
  threshold: 20,
});

/** Options of {@link softshrink} and {@link hardshrink}. */
export interface ShrinkOptions {
  /** How far from 0 everything becomes 0; 0.5 unless given. */
  readonly lambd?: number;
}

const shrinkNumbers = new NumberOptions({ lambd: 0.5 });

export const shrinkOptions = {
  of(owner: string, options: ShrinkOptions): Required<ShrinkOptions> {
    const numbers = shrinkNumbers.of(owner, options);
    nonNegative(owner, 'lambd', numbers.lambd);
    return numbers;
  },
};

/** Options of {@link hardtanh}. */
export interface HardtanhOptions {
  /** The lower bound; −1 unless given. */
  readonly minVal?: number;
  /** The upper bound; 1 unless given. */
  readonly maxVal?: number;
}

const hardtanhNumbers = new NumberOptions({ minVal: -1, maxVal: 1 });

export const hardtanhOptions = {
  of(owner: string, options: HardtanhOptions): Required<HardtanhOptions> {
    const numbers = hardtanhNumbers.of(owner, options);
    const { minVal, maxVal } = numbers;
    if (minVal <= maxVal) return numbers;
    throw new ArgumentError('ERR_OPTION', owner, 'maxVal', `a number >= minVal, which is ${minVal}`, maxVal);
  },
};

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** `'none'` is x·Φ(x); `'tanh'` the approximation of it that some models were trained with. `'none'` unless given. */
  readonly approximate?: 'none' | 'tanh';
}

const geluKeys = new KnownKeys(['approximate']);

export const geluOptions = {
  of(owner: string, options: GeluOptions): Required<GeluOptions> {
    geluKeys.check(owner, options);
    const { approximate = 'none' } = options;
    return { approximate: oneOf(owner, 'approximate', approximate, ['none', 'tanh']) };
  },
};

/** Options of {@link glu}. */
export interface GluOptions {
  /** The axis that is halved; negative ones count from the last. −1 unless given. */
  readonly dim?: number;
}

const gluKeys = new KnownKeys(['dim']);

export const gluOptions = {
  of(owner: string, options: GluOptions): Required<GluOptions> {
    gluKeys.check(owner, options);
    const { dim = -1 } = options;
    if (Number.isSafeInteger(dim)) return { dim };
    throw new ArgumentError('ERR_OPTION', owner, 'dim', 'a whole number', dim);
  },
};
