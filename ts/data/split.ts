import { flag, KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { Generator } from '../random.ts';
import type { Dataset } from './dataset.ts';

/** The numbers 0 … n − 1, in a random order where there is a seed. */
function orderOf(n: number, seed: number | undefined): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  if (seed !== undefined) new Generator(seed).permutation(order);
  return order;
}

/**
 * Parts of a dataset at random, without overlap, copied.
 *
 * @param sizes samples of each part, or shares that add up to 1; the last share gets what rounding leaves.
 * @param seed where the order comes from; 0 unless given.
 */
export function randomSplit(dataset: Dataset, sizes: readonly number[], seed = 0): Dataset[] {
  const n = dataset.length;
  const shares = sizes.every((size) => size >= 0 && size <= 1) && Math.abs(sumOf(sizes) - 1) < 1e-9;
  const counts = shares ? sizes.map((share) => Math.floor(share * n)) : sizes;
  for (const [i, count] of counts.entries()) whole('randomSplit', `sizes[${i}]`, count);
  const rest = n - sumOf(counts);
  if (shares ? counts.length === 0 : rest !== 0) {
    const expected = `numbers that add up to ${n} samples, or shares that add up to 1`;
    throw new ArgumentError('ERR_VALUE', 'randomSplit', 'sizes', expected, `[${sizes.join(', ')}]`);
  }
  const order = orderOf(n, seed);
  let start = 0;
  return counts.map((count, i) => {
    const from = start;
    start += i === counts.length - 1 ? count + rest : count;
    return dataset.select(order.subarray(from, start));
  });
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** Options of {@link kFold}. */
export interface KFoldOptions {
  /** Whether the samples are dealt out in a random order; false unless given. */
  readonly shuffle?: boolean;
  /** Where that order comes from; 0 unless given. */
  readonly seed?: number;
}

/** Which samples a fold trains on, and which it is judged by. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

const foldKeys = new KnownKeys(['shuffle', 'seed']);

/**
 * `k` folds of n samples: each sample is in the test part of one of them. The first n mod k test parts have one
 * sample more, and without shuffling they are runs of neighbors, as scikit-learn's KFold deals them.
 */
export function kFold(n: number, k: number, options: KFoldOptions = {}): Fold[] {
  foldKeys.check('kFold', options);
  whole('kFold', 'n', n, 2);
  whole('kFold', 'k', k, 2);
  if (k > n) throw new ArgumentError('ERR_OPTION', 'kFold', 'k', `at most ${n}, the number of samples`, k);
  const { shuffle = false, seed = 0 } = options;
  const order = orderOf(n, flag('kFold', 'shuffle', shuffle) ? seed : undefined);
  const foldOf = new Int32Array(n);
  let start = 0;
  for (let fold = 0; fold < k; fold++) {
    const end = start + Math.floor(n / k) + (fold < n % k ? 1 : 0);
    for (const sample of order.subarray(start, end)) foldOf[sample] = fold;
    start = end;
  }
  const samples = Int32Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: k }, (_, fold) => ({
    train: samples.filter((sample) => foldOf[sample] !== fold),
    test: samples.filter((sample) => foldOf[sample] === fold),
  }));
}
