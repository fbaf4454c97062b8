import { data, Generator, ones, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

/** n samples [i, i + ½] whose target is their number. */
function numbered(n: number): data.Dataset {
  const x = Float64Array.from({ length: 2 * n }, (_, i) => i / 2);
  return new data.Dataset(tensor(x, { shape: [n, 2] }), tensor(Int32Array.from({ length: n }, (_, i) => i)));
}

test('the digits: three parts without overlap, pixels in [0, 1], labels 0 to 9', () => {
  const { train, validation, test: held } = data.loadDigits();
  expect([train, validation, held].map(({ length }) => length)).toEqual([1150, 287, 360]);
  for (const { x, y } of [train, validation, held]) {
    expect(x.shape).toEqual([y.size, 64]);
    expect(x.dtype).toBe('float32');
    expect(y.dtype).toBe('int32');
    expect(x.data.every((pixel) => pixel >= 0 && pixel <= 1 && Number.isInteger(pixel * 16))).toBe(true);
    expect(new Set(y.data)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  }
  // The first sample of the collection, a zero: its second row of pixels.
  expect([...train.x.data.subarray(8, 16)].map((pixel) => pixel * 16)).toEqual([0, 0, 13, 15, 10, 15, 5, 0]);
  expect([...train.y.data.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4]);
  const counts = Array.from({ length: 10 }, (_, digit) =>
    [train, validation, held].reduce(
      (sum, { y }) => sum + y.data.filter((label) => label === digit).length,
      0,
    ),
  );
  expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
});

test('a dataset lies in shared memory: copied into it, or where it already is', () => {
  const mine = Float32Array.of(1, 2);
  const samples = new data.Dataset(tensor(mine, { shape: [2, 1] }), tensor(Int32Array.of(0, 1)));
  expect(samples.x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  mine[0] = 9;
  expect(samples.x.data[0]).toBe(1);
  const shared = new Float32Array(new SharedArrayBuffer(8));
  expect(new data.Dataset(tensor(shared, { shape: [2, 1] }), tensor(Int32Array.of(0, 1))).x.data).toBe(
    shared,
  );
});

test('rows share memory with the whole', () => {
  const all = numbered(10);
  const part = all.rows(3, 6);
  expect([...part.x.data]).toEqual([3, 3.5, 4, 4.5, 5, 5.5]);
  expect([...part.y.data]).toEqual([3, 4, 5]);
  all.x.data[6] = 77;
  expect(part.x.data[0]).toBe(77);
  expect(all.rows(4, 4).length).toBe(0);
});

test('select copies the samples that it names, in their order, repeated or not', () => {
  const all = numbered(5);
  const chosen = all.select([4, 0, 4]);
  expect([...chosen.x.data]).toEqual([4, 4.5, 0, 0.5, 4, 4.5]);
  expect([...chosen.y.data]).toEqual([4, 0, 4]);
  all.x.data[8] = 77;
  expect(chosen.x.data[0]).toBe(4);
  expect([...all.select(Int32Array.of(1)).y.data]).toEqual([1]);
  expect(all.select([]).length).toBe(0);
});

describe('batches', () => {
  test.each([
    [10, 3],
    [10, 10],
    [10, 100],
    [7, 1],
    [1150, 32],
  ])('of %i samples by %i cover every sample once, and inputs stay with their targets', (n, batchSize) => {
    for (const shuffle of [undefined, new Generator(1)]) {
      const seen: number[] = [];
      const options = shuffle === undefined ? { batchSize } : { batchSize, shuffle };
      for (const { x, y } of numbered(n).batches(options)) {
        expect(y.size).toBeLessThanOrEqual(batchSize);
        expect([...x.data].filter((_, i) => i % 2 === 0)).toEqual([...y.data]);
        seen.push(...y.data);
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  test('in the same order for the same seed, in another one for another, and anew in each pass', () => {
    const order = (generator: Generator): number[] =>
      [...numbered(50).batches({ batchSize: 7, shuffle: generator })].flatMap(({ y }) => Array.from(y.data));
    expect(order(new Generator(1))).toEqual(order(new Generator(1)));
    expect(order(new Generator(1))).not.toEqual(order(new Generator(2)));
    const generator = new Generator(1);
    expect(order(generator)).not.toEqual(order(generator));
  });

  test('without shuffling keep the order and copy nothing', () => {
    const all = numbered(4);
    const [first, second] = [...all.batches({ batchSize: 2 })];
    expect([...first!.y.data, ...second!.y.data]).toEqual([0, 1, 2, 3]);
    all.x.data[4] = 77;
    expect(second!.x.data[0]).toBe(77);
  });
});

test.each([
  ['other numbers of samples', () => new data.Dataset(ones([3, 2]), ones([2])), '`y` must be of 3 samples'],
  ['no samples at all', () => new data.Dataset(tensor(1), tensor(1)), 'Dataset: '],
  ['rows beyond the end', () => numbered(3).rows(1, 4), 'Dataset.rows: `end` must be at most 3, got 4'],
  ['rows backwards', () => numbered(3).rows(2, 1), 'Dataset.rows: `end` must be a whole number >= 2, got 1'],
  ['an index beyond the end', () => numbered(3).select([0, 3]), '`indices[1]` must be'],
  ['an index below 0', () => numbered(3).select([-1]), '`indices[0]` must be'],
  ['a fraction as an index', () => numbered(3).select([0.5]), '`indices[0]` must be'],
  ['no index', () => numbered(3).select([Number.NaN]), '`indices[0]` must be'],
  [
    'empty batches',
    () => [...numbered(3).batches({ batchSize: 0 })],
    'Dataset.batches: `batchSize` must be a whole number >= 1, got 0',
  ],
  [
    'an unknown option',
    () => [...numbered(3).batches({ batchSize: 1, shufle: 1 } as never)],
    'Did you mean shuffle?',
  ],
] as const)('%s are refused', (_, call, message) => {
  const thrown = refusal(call);
  expect(thrown?.code).toMatch(/^ERR_/u);
  expect(thrown?.message).toContain(message);
});
