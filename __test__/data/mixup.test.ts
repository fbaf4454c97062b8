import { compile, data, Generator, tensor } from 'ridgeline';
import { expect, test } from 'vitest';

const batch = {
  x: tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  y: tensor(Int32Array.of(0, 1, 2)),
};

test('mixes each sample with another one by one λ, and says both targets', () => {
  const { x, ya, yb, lambda } = data.mixup(batch, { generator: new Generator(3) });
  expect(lambda).toBeGreaterThan(0);
  expect(lambda).toBeLessThan(1);
  expect(ya).toBe(batch.y);
  expect([...yb.data].toSorted()).toEqual([0, 1, 2]);
  yb.data.forEach((other, i) => {
    const expected = lambda * batch.x.data[2 * i]! + (1 - lambda) * batch.x.data[2 * other]!;
    expect(x.data[2 * i]).toBeCloseTo(expected, 5);
  });
});

test.each([0.01, 0.4, 1, 3])('λ is of the beta distribution with both parameters %f', (alpha) => {
  const generator = new Generator(11);
  const draws = Array.from({ length: 4000 }, () => data.mixup(batch, { alpha, generator }).lambda);
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  const expected = 1 / (4 * (2 * alpha + 1)); // of Beta(α, α), whose mean is 1/2
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / draws.length));
  expect(Math.abs(variance / expected - 1)).toBeLessThan(0.1);
});

test('refuses what it cannot do', () => {
  expect(() => data.mixup(batch, { alpha: 0 })).toThrow('mixup: `alpha` must be');
  expect(() => compile(() => data.mixup(batch).x)()).toThrow('mixup()');
});
