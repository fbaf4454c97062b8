import { Generator, manualSeed, nn, rand, randn } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { type Precision, zeros } from '../oracle/draw.ts';

const N = 100_000;

/** Mean, variance, skew and excess of a sample. */
function moments(x: ArrayLike<number>): { mean: number; variance: number; skew: number; kurtosis: number } {
  const central = (power: number, mean: number): number => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i]! - mean) ** power;
    return sum / x.length;
  };
  const mean = central(1, 0);
  const variance = central(2, mean);
  return {
    mean,
    variance,
    skew: central(3, mean) / variance ** 1.5,
    kurtosis: central(4, mean) / variance ** 2,
  };
}

describe.each(['float32', 'float64'] satisfies Precision[])('in %s', (precision) => {
  test('uniform numbers lie in [low, high) and have its moments', () => {
    const x = zeros(precision, N);
    new Generator(1).uniform(x, -2, 4);
    expect(x.every((value) => value >= -2 && value < 4)).toBe(true);
    const { mean, variance, skew, kurtosis } = moments(x);
    // Five standard errors of each estimate.
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(3 / N));
    expect(Math.abs(variance - 3)).toBeLessThan(5 * Math.sqrt(7.2 / N));
    expect(Math.abs(skew)).toBeLessThan(0.05);
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.05);
  });

  test('normal numbers have mean, deviation, skew and tails', () => {
    const x = zeros(precision, N);
    new Generator(2).normal(x, 3, 2);
    const { mean, variance, skew, kurtosis } = moments(x);
    expect(Math.abs(mean - 3)).toBeLessThan(5 * Math.sqrt(4 / N));
    expect(Math.abs(variance - 4)).toBeLessThan(5 * Math.sqrt(32 / N));
    expect(Math.abs(skew)).toBeLessThan(5 * Math.sqrt(6 / N));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / N));
    expect(x.every(Number.isFinite)).toBe(true);
  });

  test('draws after one another repeat nothing', () => {
    for (const draw of ['uniform', 'normal'] as const) {
      const generator = new Generator(3);
      const seen = new Set<number>();
      let count = 0;
      for (const n of [1, 2, 3, 7, 16, 100, 1]) {
        const x = new Float64Array(n);
        generator[draw](x);
        for (const value of x) seen.add(value);
        count += n;
      }
      expect(seen.size).toBe(count);
    }
  });

  test('the same seed gives the same numbers, another seed others', () => {
    const drawn = (seed: number): number[] => {
      const x = zeros(precision, 50);
      new Generator(seed).normal(x);
      return [...x];
    };
    expect(drawn(5)).toEqual(drawn(5));
    expect(drawn(5)).not.toEqual(drawn(6));
    expect(drawn(2 ** 40)).not.toEqual(drawn(0));
  });
});

test.each([0, 1, 2, 3, 10, 1000])('a permutation of %i holds every number once', (n) => {
  const order = new Int32Array(n);
  new Generator(4).permutation(order);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
});

test('all orders of four are equally frequent', () => {
  const counts = new Map<string, number>();
  const generator = new Generator(5);
  const order = new Int32Array(4);
  const runs = 24_000;
  for (let i = 0; i < runs; i++) {
    generator.permutation(order);
    counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(58); // 23 degrees of freedom: one in ten thousand
});

test('a call that fails takes no numbers', () => {
  const [one, other] = [new Generator(6), new Generator(6)];
  expect(refusal(() => one.uniform(new Int32Array(3) as never))?.code).toBe('ERR_TYPE');
  expect(refusal(() => one.permutation(new Float32Array(3) as never))?.code).toBe('ERR_TYPE');
  expect(refusal(() => one.normal(new Float32Array(3), 'a' as never))?.code).toMatch(/^ERR_/u);
  const [x, y] = [new Float32Array(4), new Float32Array(4)];
  one.uniform(x);
  other.uniform(y);
  expect(x).toEqual(y);
});

test.each([-1, 1.5, Number.NaN, Infinity, '1', null, undefined, 2 ** 53])(
  'the seed %o is refused',
  (seed) => {
    expect(refusal(() => new Generator(seed as number))?.code).toBe('ERR_OPTION');
    expect(refusal(() => manualSeed(seed as number))?.code).toBe('ERR_OPTION');
  },
);

test('manualSeed repeats tensors and initial weights exactly', () => {
  const drawn = (seed: number): number[] => {
    manualSeed(seed);
    const model = new nn.Sequential(new nn.Linear(5, 4), new nn.ReLU(), new nn.Linear(4, 3));
    return [rand([3]), randn([3]), ...model.parameters()].flatMap(({ data }) => Array.from(data));
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

test('a generator of one’s own leaves the common one alone', () => {
  manualSeed(9);
  const alone = [...rand([4]).data];
  manualSeed(9);
  const mine = new nn.Linear(3, 3, { generator: new Generator(1) });
  expect([...rand([4]).data]).toEqual(alone);
  expect([...mine.weight.data]).toEqual([
    ...new nn.Linear(3, 3, { generator: new Generator(1) }).weight.data,
  ]);
});

test('initial weights and biases of Linear are uniform within ±1/√in', () => {
  for (const inputs of [4, 100]) {
    const layer = new nn.Linear(inputs, 2000, { generator: new Generator(10) });
    const bound = 1 / Math.sqrt(inputs);
    for (const { data } of [layer.weight, layer.bias!]) {
      expect(data.every((w) => Math.abs(w) <= bound)).toBe(true);
      const { mean, variance } = moments(data);
      const n = data.length;
      expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * n));
      // The variance of a square of a uniform number in ±b is 4b⁴/45.
      expect(Math.abs(variance - bound ** 2 / 3)).toBeLessThan((5 * bound ** 2 * 2) / Math.sqrt(45 * n));
    }
  }
});
