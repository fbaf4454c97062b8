import { arange, data, fit, manualSeed, nn, optim, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const { DataLoader, Dataset, StandardScaler, kFold, makeSparseRegression, randomSplit } = data;

const numbered = (n: number): data.Dataset =>
  new Dataset(arange(n).reshape([n, 1]), arange(n, undefined, 1, { dtype: 'int32' }));
const seen = (batches: Iterable<data.Batch>): number[] => [...batches].flatMap(({ y }) => Array.from(y.data));

describe('DataLoader', () => {
  test('gives every sample once a pass, in a new order in each', () => {
    const loader = new DataLoader(numbered(10), { batchSize: 4, shuffle: true, seed: 3 });
    const passes = [seen(loader), seen(loader)];
    for (const pass of passes) expect(pass.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(passes[0]).not.toEqual(passes[1]);
    expect([...loader].map(({ x }) => x.shape[0])).toEqual([4, 4, 2]);
    expect(seen(new DataLoader(numbered(10), { batchSize: 4, shuffle: true, seed: 3 }))).toEqual(passes[0]);
    expect(seen(new DataLoader(numbered(5), { batchSize: 2 }))).toEqual([0, 1, 2, 3, 4]);
  });

  test('leaves the last batch out when asked to', () => {
    const loader = new DataLoader(numbered(10), { batchSize: 4, dropLast: true });
    expect([loader.length, seen(loader)]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7]]);
  });

  test('draws by weight', () => {
    const loader = new DataLoader(numbered(4), { batchSize: 4, weights: [0, 1, 0, 3] });
    const draws = Array.from({ length: 500 }, () => seen(loader)).flat();
    expect(new Set(draws)).toEqual(new Set([1, 3]));
    // Five standard errors of a share of 2,000.
    expect(Math.abs(draws.filter((i) => i === 3).length / draws.length - 0.75)).toBeLessThan(
      5 * Math.sqrt(0.1875 / 2000),
    );
  });

  test('gives the batches that fit sees', async () => {
    const build = (): nn.Linear => {
      manualSeed(1);
      return new nn.Linear(1, 1);
    };
    const [byHand, fitted] = [build(), build()];
    const train = new Dataset(randn([10, 1]), randn([10, 1]));
    const loss = new nn.MSELoss();
    const optimizer = new optim.SGD(byHand.parameters(), { lr: 0.1 });
    const loader = new DataLoader(train, { batchSize: 4, shuffle: true, seed: 7 });
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const { x, y } of loader) {
        optimizer.zeroGrad();
        loss.forward(byHand.forward(x), y).backward();
        optimizer.step();
      }
    }
    const other = new optim.SGD(fitted.parameters(), { lr: 0.1 });
    await fit(fitted, { train, loss, optimizer: other, epochs: 3, batchSize: 4, seed: 7 });
    expect(fitted.weight.item()).toBe(byHand.weight.item());
  });

  test('says what does not fit', () => {
    const make = (options: object) => () => new DataLoader(numbered(4), { batchSize: 2, ...options });
    expect(make({ batchSize: 0 })).toThrow(/`batchSize` must be a whole number >= 1/);
    expect(make({ weights: [1] })).toThrow(/of 4 numbers/);
    expect(make({ weights: [0, 0, 0, 0] })).toThrow(/not all 0/);
    expect(make({ weights: [1, -1, 1, 1] })).toThrow(/`weights\[1\]`/);
    expect(make({ weights: [1, 1, 1, 1], shuffle: true })).toThrow(/`shuffle`/);
    expect(make({ suffle: true })).toThrow(/shuffle/);
  });
});

describe('splits', () => {
  test('randomSplit deals each sample to one part', () => {
    for (const sizes of [
      [6, 3, 1],
      [0.6, 0.3, 0.1],
    ]) {
      const parts = randomSplit(numbered(10), sizes, 5);
      expect(parts.map(({ length }) => length)).toEqual([6, 3, 1]);
      expect(parts.flatMap(({ y }) => Array.from(y.data)).toSorted((a, b) => a - b)).toEqual([
        ...Array(10).keys(),
      ]);
    }
    expect(randomSplit(numbered(10), [0.25, 0.75]).map(({ length }) => length)).toEqual([2, 8]);
    expect(() => randomSplit(numbered(10), [5, 4])).toThrow(/add up to 10/);
  });

  test("kFold deals as scikit-learn's KFold does", () => {
    const folds = kFold(7, 3);
    expect(folds.map(({ test: held }) => [...held])).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect([...folds[1]!.train]).toEqual([0, 1, 2, 5, 6]);
    const shuffled = kFold(20, 4, { shuffle: true, seed: 2 });
    expect(shuffled.flatMap(({ test: held }) => Array.from(held)).toSorted((a, b) => a - b)).toEqual([
      ...Array(20).keys(),
    ]);
    expect(shuffled).toEqual(kFold(20, 4, { shuffle: true, seed: 2 }));
    expect(() => kFold(3, 4)).toThrow(/at most 3/);
  });
});

test('StandardScaler learns from the training part alone, and leaves constant features whole', () => {
  const x = tensor([
    [1, 5, 0.1],
    [3, 5, 0.1],
    [5, 5, 0.1],
  ]);
  const scaler = new StandardScaler().fit(x);
  const y = scaler.transform(x);
  expect([...y.select(1, 0).contiguous().data].map((z) => z.toFixed(5))).toEqual([
    '-1.22474',
    '0.00000',
    '1.22474',
  ]);
  expect([...y.select(1, 1).contiguous().data, ...y.select(1, 2).contiguous().data]).toEqual([
    0, 0, 0, 0, 0, 0,
  ]);
  expect([...scaler.inverse(y).data]).toEqual([...x.data]);
  expect(scaler.transform(tensor([[3, 6, 0.1]])).data[1]).toBe(1);
  const { x: scaled } = scaler.transform(new Dataset(x, tensor([1, 2, 3])));
  expect([...scaled.data]).toEqual([...y.data]);
  expect(() => new StandardScaler().transform(x)).toThrow(/fit\(\)/);
  expect(() => new StandardScaler().fit(tensor([1, 2]))).toThrow(/samples, features/);
});

test('makeSparseRegression makes what it says', () => {
  const { x, y, coef } = makeSparseRegression({
    samples: 4000,
    features: 12,
    informative: 3,
    correlation: 0.6,
    seed: 4,
  });
  const sizes = [...coef.data].map(Math.abs).filter((size) => size > 0);
  expect(sizes.length).toBe(3);
  for (const size of sizes) expect(size).toSatisfy((z: number) => z >= 1 && z <= 2);
  const exact: Tensor = x.matmul(coef);
  for (const [i, value] of y.data.entries()) expect(value).toBe(exact.data[i]);
  const correlation = (i: number, j: number): number => x.select(1, i).mul(x.select(1, j)).mean().item();
  expect(correlation(3, 3)).toBeCloseTo(1, 1);
  expect(correlation(3, 5)).toBeCloseTo(0.36, 1);
  expect(makeSparseRegression({ seed: 4, noise: 1 }).y.data).not.toEqual(
    makeSparseRegression({ seed: 4 }).y.data,
  );
  expect(() => makeSparseRegression({ informative: 200 })).toThrow(/at most 100/);
  expect(() => makeSparseRegression({ correlation: 1 })).toThrow(/between -1 and 1/);
});
