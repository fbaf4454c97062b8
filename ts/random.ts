import { whole } from './check.ts';
import { type FloatArray, ops } from './native.ts';

/**
 * A generator of random numbers: ChaCha12 keyed by a seed and read by position, so that the same
 * seed gives the same numbers whatever the number of threads.
 */
export class Generator {
  readonly seed: number;
  #position = 0;

  /** @param seed a whole number of at least 0. */
  constructor(seed: number) {
    this.seed = whole('Generator', 'seed', seed);
  }

  /** Fills `out` with numbers uniform in [`low`, `high`). */
  uniform(out: FloatArray, low = 0, high = 1): void {
    ops['uniform']!(out, out.length, this.seed, this.#position, low, high);
    this.#position += 2 * out.length;
  }

  /** Fills `out` with normal numbers. */
  normal(out: FloatArray, mean = 0, deviation = 1): void {
    ops['normal']!(out, out.length, this.seed, this.#position, mean, deviation);
    this.#position += 4 * Math.ceil(out.length / 2);
  }

  /** Writes a random order of 0 … `order.length` − 1 into `order`. */
  permutation(order: Int32Array): void {
    ops['permutation']!(order, order.length, this.seed, this.#position);
    this.#position += 2 * order.length;
  }
}

const common = { generator: new Generator(0) };

/** The generator of everything that is given none of its own. */
export function defaultGenerator(): Generator {
  return common.generator;
}

/** Starts the common generator anew: initial weights and random tensors then repeat exactly. */
export function manualSeed(seed: number): void {
  common.generator = new Generator(whole('manualSeed', 'seed', seed));
}
