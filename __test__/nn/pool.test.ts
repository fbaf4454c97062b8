import { compile, nn, randn, tensor, type Tensor, zeros } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

const F = nn.functional;

/** 1, 2, … of this shape. */
function counted(shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => i + 1),
    { shape },
  );
}

const image = counted([1, 1, 3, 4]);
const sequence = counted([1, 1, 7]);

describe('maxPool2d', () => {
  test('takes windows of rows and columns apart, with gaps and padding', () => {
    expect([...F.maxPool2d(image, [1, 2]).data]).toEqual([2, 4, 6, 8, 10, 12]);
    expect([...F.maxPool2d(image, [3, 2], { stride: [1, 1] }).data]).toEqual([10, 11, 12]);
    expect([...F.maxPool2d(image, 2, { stride: 1, dilation: [2, 3] }).data]).toEqual([12]);
    const padded = F.maxPool2d(image.neg(), 3, { stride: 2, padding: 1 });
    expect(padded.shape).toEqual([1, 1, 2, 2]);
    expect([...padded.data]).toEqual([-1, -2, -5, -6]);
  });

  test('in ceilMode counts windows that begin in the image or before it', () => {
    expect(F.maxPool2d(image, 2, { ceilMode: true }).shape).toEqual([1, 1, 2, 2]);
    expect([...F.maxPool2d(image, 2, { ceilMode: true }).data]).toEqual([6, 8, 10, 12]);
    // The last one would begin in the padding behind.
    expect(F.maxPool1d(zeros([1, 1, 2]), 3, { stride: 3, padding: 1, ceilMode: true }).shape).toEqual([
      1, 1, 1,
    ]);
  });

  test('of sequences is that of images with one row', () => {
    expect([...F.maxPool1d(sequence, 3, { stride: 2 }).data]).toEqual([3, 5, 7]);
    expect([...F.maxPool1d(sequence, 2, { dilation: 3, stride: 1 }).data]).toEqual([4, 5, 6, 7]);
    const layer = new nn.MaxPool1d(3, { padding: 1 });
    expect([...layer.forward(sequence).data]).toEqual([2, 5, 7]);
    expect([layer.kernelSize, layer.stride, layer.padding]).toEqual([[3], [3], [1]]);
  });
});

describe('avgPool2d', () => {
  test('is the mean of each window', () => {
    expect([...F.avgPool2d(image, 2).data]).toEqual([3.5, 5.5]);
    expect([...F.avgPool2d(image, [3, 1], { stride: [1, 3] }).data]).toEqual([5, 8]);
    expect([...F.avgPool2d(image, 2, { dilation: [2, 3] }).data]).toEqual([6.5]);
    expect([...F.avgPool2d(image, 2, { divisorOverride: 2 }).data]).toEqual([7, 11]);
  });

  test('counts the zeros around unless told otherwise', () => {
    const options = { stride: 3, padding: 1 } as const;
    expect([...F.avgPool2d(image, 2, options).data]).toEqual([0.25, 1.75, 2.25, 5.75]);
    const without = F.avgPool2d(image, 2, { ...options, countIncludePad: false });
    expect([...without.data]).toEqual([1, 3.5, 9, 11.5]);
  });

  test('in ceilMode counts of a window behind the padding only what is before its end', () => {
    const options = { stride: 2, ceilMode: true } as const;
    expect([...F.avgPool1d(counted([1, 1, 4]), 3, options).data]).toEqual([2, 3.5]);
    const padded = F.avgPool1d(counted([1, 1, 5]), 4, { ...options, padding: 1 });
    expect([...padded.data]).toEqual([1.5, 3.5, 3]);
  });

  test('of sequences is that of images with one row', () => {
    expect([...F.avgPool1d(sequence, 3, { stride: 2 }).data]).toEqual([2, 4, 6]);
    expect([...new nn.AvgPool1d(2).forward(sequence).data]).toEqual([1.5, 3.5, 5.5]);
    const layer = new nn.AvgPool2d([2, 1], { padding: [1, 0], countIncludePad: false });
    expect([...layer.forward(image).data]).toEqual([1, 2, 3, 4, 7, 8, 9, 10]);
  });
});

describe('adaptive pooling', () => {
  test('cuts into parts as even as they can be', () => {
    expect([...F.adaptiveAvgPool1d(sequence, 3).data]).toEqual([2, 4, 6]);
    expect([...F.adaptiveMaxPool1d(sequence, 3).data]).toEqual([3, 5, 7]);
    expect([...F.adaptiveAvgPool2d(image, [null, 2]).data]).toEqual([1.5, 3.5, 5.5, 7.5, 9.5, 11.5]);
    expect([...F.adaptiveMaxPool2d(image, 2).data]).toEqual([6, 8, 10, 12]);
  });

  test('of one part is that of each channel', () => {
    const x = randn([2, 3, 5, 4], { dtype: 'float64' });
    const y = new nn.AdaptiveAvgPool2d(1).forward(x);
    expect(y.shape).toEqual([2, 3, 1, 1]);
    const means = x.mean([2, 3]);
    for (const [i, value] of [...y.data].entries()) expect(value).toBeCloseTo(means.data[i]!, 14);
    expect([...new nn.AdaptiveMaxPool2d(1).forward(x).data]).toEqual([...x.amax([2, 3]).data]);
  });

  test('of more parts than elements repeats them', () => {
    expect([...new nn.AdaptiveAvgPool1d(4).forward(counted([1, 1, 2])).data]).toEqual([1, 1, 2, 2]);
    expect([...new nn.AdaptiveMaxPool1d(null).forward(sequence).data]).toEqual([...sequence.data]);
  });
});

test.each<[string, readonly number[], (x: Tensor) => Tensor]>([
  ['maxPool2d', [2, 2, 5, 6], (x) => F.maxPool2d(x, 3, { stride: 2, padding: 1 })],
  [
    'maxPool2d in ceilMode',
    [2, 1, 5, 6],
    (x) => F.maxPool2d(x, [2, 3], { dilation: [2, 1], ceilMode: true }),
  ],
  ['maxPool1d', [2, 3, 8], (x) => F.maxPool1d(x, 3, { stride: 2 })],
  ['avgPool2d', [2, 2, 5, 6], (x) => F.avgPool2d(x, [3, 2], { stride: [1, 2], padding: 1 })],
  [
    'avgPool2d without zeros',
    [1, 2, 5, 5],
    (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false, ceilMode: true }),
  ],
  ['avgPool2d of a divisor', [1, 1, 5, 5], (x) => F.avgPool2d(x, 3, { stride: 1, divisorOverride: 5 })],
  ['avgPool1d', [2, 3, 8], (x) => F.avgPool1d(x, 3, { stride: 2, padding: 1 })],
  ['adaptiveAvgPool2d', [2, 2, 5, 7], (x) => F.adaptiveAvgPool2d(x, [2, 3])],
  ['adaptiveMaxPool2d', [2, 2, 5, 7], (x) => F.adaptiveMaxPool2d(x, [3, null])],
  ['adaptiveAvgPool1d', [2, 2, 7], (x) => F.adaptiveAvgPool1d(x, 3)],
  ['adaptiveMaxPool1d', [2, 2, 7], (x) => F.adaptiveMaxPool1d(x, 3)],
])('%s has the gradient of central differences, and captured the same bits', (_, shape, pool) => {
  const x = randn(shape, { dtype: 'float64', requiresGrad: true });
  const weighted = (input: Tensor): Tensor => {
    const y = pool(input);
    const weights = Float64Array.from({ length: y.size }, (__, i) => Math.sin(i + 1));
    return y.mul(tensor(weights, { shape: y.shape })).sum();
  };
  expect(gradientError([x], () => weighted(x))).toBeLessThan(DIFFERENCE);
  const eager = pool(x.detach());
  const captured = compile(pool);
  for (let call = 0; call < 3; call++) expect([...captured(x.detach()).data]).toEqual([...eager.data]);
});

test('pooling of no samples gives none', () => {
  for (const pool of [F.maxPool2d, F.avgPool2d, F.adaptiveAvgPool2d, F.adaptiveMaxPool2d]) {
    const x = zeros([0, 3, 4, 4], { requiresGrad: true });
    const y = pool(x, 2);
    expect(y.shape).toEqual([0, 3, 2, 2]);
    y.sum().backward();
    expect(x.grad!.size).toBe(0);
  }
});

test.each([
  [() => F.maxPool1d(image, 2), 'maxPool1d: `x` must be [samples, channels, length], got [1, 1, 3, 4]'],
  [
    () => F.avgPool2d(image, 4),
    'avgPool2d: `x` must be of images of at least [4, 4], the size of a window, got [1, 1, 3, 4]',
  ],
  [
    () => F.avgPool2d(image, 6, { padding: 1 }),
    'avgPool2d: `x` must be of images of at least [4, 4], the size of a window without padding, got [1, 1, 3, 4]',
  ],
  [
    () => F.maxPool1d(sequence, 9),
    'maxPool1d: `x` must be of sequences of at least [9], the size of a window, got [1, 1, 7]',
  ],
  [
    () => F.maxPool2d(image, 2, { padding: [0, 2] }),
    'maxPool2d: `padding` must be less than a window, [2, 2], got [0, 2]',
  ],
  [() => new nn.AvgPool2d(0), 'nn.AvgPool2d: `kernelSize` must be a whole number >= 1, got 0'],
  [
    () => new nn.AvgPool1d(2, { divisorOverride: 2 } as never),
    'nn.AvgPool1d: `divisorOverride` must be an option that exists, got an unknown one',
  ],
  [
    () => F.avgPool2d(image, 2, { divisorOverride: 0 }),
    'avgPool2d: `divisorOverride` must be a whole number >= 1, got 0',
  ],
  [
    () => F.avgPool2d(image, 2, { ceilMode: 1 } as never),
    'avgPool2d: `ceilMode` must be true or false, got 1',
  ],
  [() => F.adaptiveAvgPool2d(image, 0), 'adaptiveAvgPool2d: `outputSize` must be a whole number >= 1, got 0'],
  [
    () => new nn.AdaptiveMaxPool2d([1, 2, 3] as never),
    'nn.AdaptiveMaxPool2d: `outputSize` must be a whole number >= 1, or two of them, [rows, columns], got 3 of them',
  ],
  [
    () => F.adaptiveAvgPool2d(zeros([1, 1, 0, 2]), 1),
    'adaptiveAvgPool2d: `x` must be of images of at least [1, 1], got [1, 1, 0, 2]',
  ],
])('%s is refused', (call, message) => {
  expect(refusal(call)?.message).toBe(message);
});
