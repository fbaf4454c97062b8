import { ArgumentError } from './errors.ts';

/** Throws unless `value` is a finite number of at least 0. */
export function nonNegative(owner: string, name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a finite number >= 0', shown(value));
}

/** Throws unless `value` is a finite number above 0. */
export function positive(owner: string, name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a finite number > 0', shown(value));
}

/** Throws unless `value` is a finite number. */
export function finite(owner: string, name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a finite number', shown(value));
}

/** Throws unless `value` is a finite number of at most 0. */
export function nonPositive(owner: string, name: string, value: number): number {
  if (Number.isFinite(value) && value <= 0) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a finite number <= 0', shown(value));
}

/** Throws unless `value` is a number in [0, 1): a coefficient of a moving average. */
export function decayRate(owner: string, name: string, value: number): number {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a number >= 0 and < 1', shown(value));
}

/** Throws unless `value` is a number from 0 to 1. */
export function probability(owner: string, name: string, value: number): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'a number from 0 to 1', shown(value));
}

/** Throws unless `value` is a whole number of at least `least`. */
export function whole(owner: string, name: string, value: number, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ArgumentError('ERR_OPTION', owner, name, `a whole number >= ${least}`, shown(value));
}

/** A number for both sides of an image, or one for each. */
export type Pair = number | readonly [rows: number, columns: number];

/** Throws unless `value` is a whole number of at least `least`, or two of them, and returns both. */
export function wholePair(
  owner: string,
  name: string,
  value: Pair,
  least = 0,
): readonly [rows: number, columns: number] {
  if (!Array.isArray(value)) {
    const both = whole(owner, name, value as number, least);
    return [both, both];
  }
  if (value.length !== 2) {
    const expected = `a whole number >= ${least}, or two of them, [rows, columns]`;
    throw new ArgumentError('ERR_OPTION', owner, name, expected, `${value.length} of them`);
  }
  const [rows, columns] = value as [number, number];
  return [whole(owner, `${name}[0]`, rows, least), whole(owner, `${name}[1]`, columns, least)];
}

/** Throws unless `value` is a whole number of at least `least`, and returns it as the size of one axis. */
export function wholeLength(owner: string, name: string, value: Pair, least = 0): readonly [length: number] {
  return [whole(owner, name, value as number, least)];
}

/** Throws unless `value` is true or false. */
export function flag(owner: string, name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value;
  throw new ArgumentError('ERR_OPTION', owner, name, 'true or false', shown(value));
}

/** Throws unless `value` is one of `choices`. */
export function oneOf<T extends string>(owner: string, name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const fix = typeof value === 'string' ? suggestion(value, choices) : undefined;
  throw new ArgumentError('ERR_OPTION', owner, name, `one of ${choices.join(', ')}`, shown(value), fix);
}

/** A value where a number or flag belongs: a string is shown as one, or '0.1' would look right. */
export function shown(value: unknown): unknown {
  return typeof value === 'string' ? `the text '${value}'` : value;
}

/** The keys that an object of options may have. */
export class KnownKeys {
  readonly #all: ReadonlySet<string>;
  /** Keys of the last object that passed, in its order: the same keys again are not looked up. */
  readonly #last: string[] = [];

  constructor(keys: readonly string[]) {
    this.#all = new Set(keys);
  }

  /** Throws if `options`, the argument `name` of `owner`, is no object or has another key. */
  check(owner: string, options: object, name = 'options'): void {
    if (typeof options !== 'object' || options === null) {
      throw new ArgumentError('ERR_TYPE', owner, name, 'an object', shown(options));
    }
    let i = 0;
    for (const key in options) {
      if (key !== this.#last[i]) this.#lookUp(owner, key, i);
      i++;
    }
  }

  #lookUp(owner: string, key: string, place: number): void {
    if (!this.#all.has(key)) {
      const fix = suggestion(key, [...this.#all]);
      throw new ArgumentError('ERR_OPTION', owner, key, 'an option that exists', 'an unknown one', fix);
    }
    this.#last[place] = key;
  }
}

/** "Did you mean …?" for the choice that is nearest to `word`, if one is near. */
function suggestion(word: string, choices: readonly string[]): string | undefined {
  const ranked = choices
    .map((choice) => ({ choice, distance: editDistance(word.toLowerCase(), choice.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(1, word.length / 3)
    ? `Did you mean ${best.choice}?`
    : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
