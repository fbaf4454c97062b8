import { whole } from './check.ts';
import { ArgumentError } from './errors.ts';
import { type FloatArray, ops } from './native.ts';

/**
 * A generator of random numbers: ChaCha12 keyed by a seed and read by position, so that the same
 * seed gives the same numbers whatever the number of threads.
 */
export class Generator {
  /** The seed and the position: what native code reads and advances. */
  readonly #state = new Float64Array(new SharedArrayBuffer(16));
  readonly #seed = this.#state.subarray(0, 1);
  readonly #position = this.#state.subarray(1);

  /** @param seed a whole number of at least 0. */
  constructor(seed: number) {
    this.reseed(seed);
  }

  /** The seed that it started from. */
  get seed(): number {
    return this.#state[0]!;
  }

  /** Starts anew from `seed`, also where a captured step draws from it. */
  reseed(seed: number): void {
    whole('Generator', 'seed', seed);
    // By operations, so that a captured step that seeds does so at each call.
    ops['set']!(this.#seed, 1, seed);
    ops['clear']!(this.#position, 1);
  }

  /** Fills `out` with numbers uniform in [`low`, `high`). */
  uniform(out: FloatArray, low = 0, high = 1): void {
    ops['uniform']!(this.#state, out, out.length, low, high);
  }

  /** Fills `out` with normal numbers. */
  normal(out: FloatArray, mean = 0, deviation = 1): void {
    ops['normal']!(this.#state, out, out.length, mean, deviation);
  }

  /** Fills `mask` with 1/(1 − `p`), or 0 with probability `p`, and `out` with `mask`·`x`. */
  dropout(x: FloatArray, mask: FloatArray, out: FloatArray, p: number): void {
    ops['dropout']!(this.#state, x, mask, out, x.length, p);
  }

  /** Writes a random order of 0 … `order.length` − 1 into `order`. */
  permutation(order: Int32Array): void {
    ops['permutation']!(this.#state, order, order.length);
  }
}

/** The generator of everything that is given none of its own. */
const common = new Generator(0);

/** `generator` itself, or the common one where `owner` was given none. */
export function generatorFor(owner: string, generator: Generator = common): Generator {
  if (generator instanceof Generator) return generator;
  throw new ArgumentError('ERR_TYPE', owner, 'generator', 'a Generator', generator);
}

/** Starts the common generator anew: initial weights and random tensors then repeat exactly. */
export function manualSeed(seed: number): void {
  whole('manualSeed', 'seed', seed);
  common.reseed(seed);
}
