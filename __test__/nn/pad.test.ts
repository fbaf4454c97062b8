import { arange, manualSeed, nn, randn, tensor, type Tensor } from 'ridgeline';
import { expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

const { pad } = nn.functional;

test.each([
  ['constant', [9, 9, 0, 1, 2, 9]],
  ['reflect', [2, 1, 0, 1, 2, 1]],
  ['replicate', [0, 0, 0, 1, 2, 2]],
  ['circular', [1, 2, 0, 1, 2, 0]],
] as const)('%s puts around what it says', (mode, expected) => {
  expect([...pad(arange(3), [2, 1], { mode, value: 9 }).data]).toEqual(expected);
  const x = arange(6).reshape([3, 2]).transpose(0, 1);
  const rows = pad(x, [2, 1, 1, 0], { mode, value: 9 });
  expect(rows.shape).toEqual([3, 6]);
  expect([...rows.slice(0, 1, 2).data]).toEqual(expected.map((n) => (n === 9 ? 9 : 2 * n)));
});

test.each(['constant', 'reflect', 'replicate', 'circular'] as const)('%s has a gradient', (mode) => {
  manualSeed(1);
  const x = randn([2, 3, 4], { dtype: 'float64', requiresGrad: true });
  const weighted = (y: Tensor): Tensor =>
    y
      .mul(
        tensor(
          Float64Array.from({ length: y.size }, (_, i) => Math.sin(i)),
          { shape: y.shape },
        ),
      )
      .sum();
  expect(gradientError([x], () => weighted(pad(x, [2, 1, 1, 2], { mode })))).toBeLessThan(DIFFERENCE);
});

test('padding that does not fit is named', () => {
  const x = arange(6).reshape([2, 3]);
  expect(() => pad(x, [1])).toThrow(/pairs of whole numbers/);
  expect(() => pad(x, [1, 0, 0, 0, 0, 0])).toThrow(/at most 2 axes/);
  expect(() => pad(x, [3, 0], { mode: 'reflect' })).toThrow(/at most 2 along axis 1, of length 3/);
  expect(() => pad(x, [1, 0], { mode: 'mirror' as 'reflect' })).toThrow(/mirror/);
});
