import { ops } from '../native.ts';
import type { Generator } from '../random.ts';
import { allocateInts, allocateShared, allocateSharedInts } from '../tensor/memory.ts';
import { type Batch, type Dataset, gather } from './dataset.ts';

/**
 * Walks through a dataset batch by batch, as {@link Dataset.batches} does, where native code can go on
 * alone: order and position lie in arrays that operations advance.
 */
export class Sampler {
  readonly dataset: Dataset;
  readonly #generator: Generator | undefined;
  readonly #order: Int32Array;
  readonly #cursor = allocateShared('float64', 1) as Float64Array;

  /** @param generator where a new order comes from at each start; the samples' own order without one. */
  constructor(dataset: Dataset, generator: Generator | undefined) {
    this.dataset = dataset;
    this.#generator = generator;
    this.#order = allocateSharedInts(dataset.length);
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
  }

  /** Starts a pass. */
  start(): void {
    this.seek(0);
    this.#generator?.permutation(this.#order);
  }

  /** How many samples of this pass it has given. */
  get given(): number {
    return this.#cursor[0]!;
  }

  /** Goes on behind the first `samples` of this pass. */
  seek(samples: number): void {
    ops['set']!(this.#cursor, 1, samples);
  }

  /** The next `size` samples. */
  next(size: number): Batch {
    const order = allocateInts(size);
    ops['window']!(this.#order, this.#cursor, order, this.#order.length, size);
    return { x: gather(this.dataset.x, order), y: gather(this.dataset.y, order) };
  }
}
