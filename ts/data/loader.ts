import { flag, KnownKeys, nonNegative, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { Generator } from '../random.ts';
import { type Batch, type Dataset, gather } from './dataset.ts';

/** How a {@link DataLoader} walks through a dataset. */
export interface DataLoaderOptions {
  /** Samples of a batch, at least 1. */
  readonly batchSize: number;
  /** Whether the samples are in a new random order in each pass; false unless given. */
  readonly shuffle?: boolean;
  /** Where the orders come from; 0 unless given. With the same seed `fit` sees the same batches. */
  readonly seed?: number;
  /** Whether a last batch of fewer samples is left out; false unless given. */
  readonly dropLast?: boolean;
  /**
   * How often each sample is drawn, relative to the others: a pass then draws as many samples as there are, with
   * replacement, instead of each one once.
   */
  readonly weights?: ArrayLike<number>;
}

const known = new KnownKeys(['batchSize', 'shuffle', 'seed', 'dropLast', 'weights']);

/**
 * The batches of a dataset, pass after pass: each loop over it is a pass.
 *
 * @example
 * const loader = new DataLoader(train, { batchSize: 32, shuffle: true, seed: 1 });
 * for (const { x, y } of loader) step(x, y);
 */
export class DataLoader implements Iterable<Batch> {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly #generator: Generator;
  readonly #shuffle: boolean;
  /** Sums of the weights up to each sample. */
  readonly #sums: Float64Array | undefined;

  constructor(dataset: Dataset, options: DataLoaderOptions) {
    known.check('DataLoader', options);
    const { batchSize, shuffle = false, seed = 0, dropLast = false, weights } = options;
    this.dataset = dataset;
    this.batchSize = whole('DataLoader', 'batchSize', batchSize, 1);
    this.dropLast = flag('DataLoader', 'dropLast', dropLast);
    this.#shuffle = flag('DataLoader', 'shuffle', shuffle);
    this.#generator = new Generator(seed);
    this.#sums = weights === undefined ? undefined : sumsOf(weights, dataset.length);
    if (this.#sums !== undefined && this.#shuffle) {
      const [expected, fix] = ['false with `weights`', 'Samples are drawn at random already.'];
      throw new ArgumentError('ERR_OPTION', 'DataLoader', 'shuffle', expected, true, fix);
    }
  }

  /** Batches of a pass. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): IterableIterator<Batch> {
    const { dataset, batchSize } = this;
    const order = this.#order();
    for (let batch = 0; batch < this.length; batch++) {
      const [start, end] = [batch * batchSize, Math.min((batch + 1) * batchSize, dataset.length)];
      if (order === undefined) yield dataset.rows(start, end);
      else {
        const part = order.subarray(start, end);
        yield { x: gather(dataset.x, part), y: gather(dataset.y, part) };
      }
    }
  }

  /** The samples of a pass; in their own order where undefined. */
  #order(): Int32Array | undefined {
    const order = new Int32Array(this.dataset.length);
    if (this.#sums !== undefined) {
      const draws = new Float64Array(order.length);
      this.#generator.uniform(draws, 0, this.#sums.at(-1)!);
      return order.map((_, i) => firstAbove(this.#sums!, draws[i]!));
    }
    if (!this.#shuffle) return undefined;
    this.#generator.permutation(order);
    return order;
  }
}

function sumsOf(weights: ArrayLike<number>, samples: number): Float64Array {
  if (weights.length !== samples) {
    const expected = `of ${samples} numbers, one a sample`;
    throw new ArgumentError('ERR_SHAPE', 'DataLoader', 'weights', expected, weights.length);
  }
  let sum = 0;
  const sums = Float64Array.from(
    weights,
    (weight, i) => (sum += nonNegative('DataLoader', `weights[${i}]`, weight)),
  );
  if (samples > 0 && !(sum > 0)) {
    throw new ArgumentError('ERR_VALUE', 'DataLoader', 'weights', 'not all 0', 'zeros');
  }
  return sums;
}

/** The first sum that is above `draw`. */
function firstAbove(sums: Float64Array, draw: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > draw) high = middle;
    else low = middle + 1;
  }
  return low;
}
