import type { FloatArray } from '../native.ts';
import type { Generator } from '../random.ts';

/** A normal distribution of which what lies outside of [a, b] is cut off. */
export interface Truncation {
  readonly mean: number;
  readonly std: number;
  readonly a: number;
  readonly b: number;
}

/** Uniform numbers one at a time, from a generator that is asked for many. */
class Draws {
  readonly #source: Generator;
  readonly #held = new Float64Array(512);
  #at = this.#held.length;

  constructor(source: Generator) {
    this.#source = source;
  }

  /** A number in [0, 1). */
  next(): number {
    if (this.#at === this.#held.length) {
      this.#source.uniform(this.#held);
      this.#at = 0;
    }
    return this.#held[this.#at++]!;
  }

  /** A normal number (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** Fills `data` with numbers of a truncated normal distribution; the mean, brought within [a, b], if std is 0. */
export function truncated(source: Generator, data: FloatArray, { mean, std, a, b }: Truncation): void {
  const within = (x: number): number => Math.min(Math.max(x, a), b);
  if (std === 0 || a === b) {
    data.fill(within(mean));
    return;
  }
  const draw = standard((a - mean) / std, (b - mean) / std);
  const draws = new Draws(source);
  for (let i = 0; i < data.length; i++) data[i] = within(mean + std * draw(draws));
}

/**
 * What draws standard normal numbers within [low, high], by rejection: about every second proposal at least is
 * taken, however far out they are.
 *
 * @see Robert 1995, https://doi.org/10.1007/BF00143942
 */
function standard(low: number, high: number): (draws: Draws) => number {
  if (low > 0) return tail(low, high);
  if (high < 0) {
    const mirrored = tail(-high, -low);
    return (draws) => -mirrored(draws);
  }
  const isWide = high - low > 2.5;
  return (draws) => {
    for (;;) {
      const x = isWide ? draws.normal() : low + (high - low) * draws.next();
      const taken = isWide ? x >= low && x <= high : draws.next() < Math.exp((-x * x) / 2);
      if (taken) return x;
    }
  };
}

/** Above 0: exponential proposals from `low` on, cut off at `high`. */
function tail(low: number, high: number): (draws: Draws) => number {
  const rate = (low + Math.sqrt(low * low + 4)) / 2;
  const mass = -Math.expm1(-rate * (high - low));
  return (draws) => {
    for (;;) {
      const x = low - Math.log1p(-mass * draws.next()) / rate;
      if (draws.next() < Math.exp(-((x - rate) ** 2) / 2)) return x;
    }
  };
}
