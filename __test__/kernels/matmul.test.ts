import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { draw, type FloatArray, type Precision, sameBits, unit, zeros } from '../oracle/draw.ts';

const rows = [1, 7, 8, 33, 64, 257, 512];
const inner = [0, 1, 63, 784];
const transposes = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);
const sizes = rows.flatMap((m) => rows.flatMap((n) => inner.map((k) => ({ m, n, k }))));

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Σ over k of a·b and of |a·b| for one element, in float64. */
function element(a: FloatArray, b: FloatArray, shape: Shape, i: number, j: number): [number, number] {
  const { m, n, k, transposeA, transposeB } = shape;
  let [sum, size] = [0, 0];
  for (let l = 0; l < k; l++) {
    const term = a[transposeA ? l * m + i : i * k + l]! * b[transposeB ? j * k + l : l * n + j]!;
    sum += term;
    size += Math.abs(term);
  }
  return [sum, size];
}

/** Some elements of a product: all of a small one, a scatter of a large one. */
function* places(m: number, n: number): Generator<[number, number]> {
  const stride = Math.max(1, Math.floor((m * n) / 97));
  for (let at = 0; at < m * n; at += stride) yield [Math.floor(at / n), at % n];
  yield [m - 1, n - 1];
}

describe.each(['float32', 'float64'] satisfies Precision[])('in %s', (precision) => {
  const pool = { a: draw(precision, 513 * 784, 1), b: draw(precision, 513 * 784, 2) };
  /** Factors of a product, cut from what was drawn once. */
  const factors = ({ m, n, k }: Shape): [FloatArray, FloatArray] => [
    pool.a.subarray(n, n + m * k) as FloatArray,
    pool.b.subarray(m, m + k * n) as FloatArray,
  ];

  /** Where a product is farther from the sum over k than any order of addition explains. */
  function productFaults(shape: Shape): string[] {
    const { m, n, k } = shape;
    const [a, b] = factors(shape);
    const out = zeros(precision, m * n).fill(Number.NaN);
    kernels.matmul(a, b, out, shape);
    return [...places(m, n)].flatMap(([i, j]) => {
      const [exact, size] = element(a, b, shape, i, j);
      const error = Math.abs(out[i * n + j]! - exact);
      // The bound of a dot product, and of the oracle's own sum.
      if (error <= (k + 1) * (unit[precision] + unit.float64) * size) return [];
      return [`[${m}, ${k}]·[${k}, ${n}] at ${i}, ${j}: off by ${error}`];
    });
  }

  /** The numbers of threads on which a product has other bits than on one. */
  function threadFaults(shape: Shape): string[] {
    const { m, n, k } = shape;
    const [a, b] = factors(shape);
    const product = (threads: number): FloatArray => {
      const out = zeros(precision, m * n).fill(1);
      kernels.matmul(a, b, out, { ...shape, threads });
      return out;
    };
    const one = product(1);
    const differing = [2, 3, 8].filter((threads) => !sameBits(one, product(threads)));
    return differing.map((threads) => `[${m}, ${k}]·[${k}, ${n}] on ${threads} threads`);
  }

  test.each(transposes)('a product is the sum over k, with $transposeA $transposeB', (transposed) => {
    expect(sizes.flatMap((size) => productFaults({ ...size, ...transposed }))).toEqual([]);
  });

  test.each(transposes)(
    'the number of threads changes no bit, with $transposeA $transposeB',
    (transposed) => {
      expect(sizes.flatMap((size) => threadFaults({ ...size, ...transposed }))).toEqual([]);
    },
  );

  test('a long matrix times a vector is one number of bits on any number of threads', () => {
    const [m, k] = [1500, 400];
    const [a, x] = [draw(precision, m * k, 1), draw(precision, k, 2)];
    const [one, many] = [zeros(precision, m), zeros(precision, m)];
    kernels.matmul(a, x, one, { m, n: 1, k, threads: 1 });
    for (let threads = 2; threads <= 8; threads++) {
      kernels.matmul(a, x, many.fill(1), { m, n: 1, k, threads });
      expect(sameBits(one, many)).toBe(true);
    }
  });

  test('a sum over nothing is 0, and a product without elements is none', () => {
    const out = zeros(precision, 6).fill(5);
    kernels.matmul(zeros(precision, 0), zeros(precision, 0), out, { m: 2, n: 3, k: 0 });
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => {
      kernels.matmul(zeros(precision, 0), zeros(precision, 6), zeros(precision, 0), { m: 0, n: 3, k: 2 });
    }).not.toThrow();
  });

  test('NaN and infinity of one row reach that row of the product and no other', () => {
    const [m, n, k] = [33, 17, 40];
    for (const bad of [Number.NaN, Infinity]) {
      const [a, b] = [draw(precision, m * k, 1), draw(precision, k * n, 2).map((x) => x + 20) as FloatArray];
      a[5 * k + 3] = bad;
      const out = zeros(precision, m * n);
      kernels.matmul(a, b, out, { m, n, k });
      const shown = Array.from({ length: m }, (_, i) =>
        out.subarray(i * n, i * n + n).every(Number.isFinite),
      );
      expect(shown.map((fine, i) => (fine ? -1 : i)).filter((i) => i >= 0)).toEqual([5]);
      expect(out.subarray(5 * n, 6 * n).some(Number.isFinite)).toBe(false);
    }
  });
});
