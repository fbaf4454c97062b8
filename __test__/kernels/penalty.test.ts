import * as fc from 'fast-check';
import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { draw, type FloatArray, type Precision, unit, zeros } from '../oracle/draw.ts';
import * as oracle from '../oracle/penalty.ts';

const precisions: Precision[] = ['float64', 'float32'];
const strength = fc.constantFrom(0, 1e-3, 0.01, 0.5, 2, 0.3);
const strengths = fc.record({ l1: strength, l2: strength });
const length = fc.oneof(
  { weight: 30, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.constantFrom(16_383, 16_384, 16_385, 300_000) },
);
const seed = fc.nat();

/** The strengths as a kernel of this precision sees them. */
function rounded(precision: Precision, { l1, l2 }: oracle.Strengths): oracle.Strengths {
  return precision === 'float64' ? { l1, l2 } : { l1: Math.fround(l1), l2: Math.fround(l2) };
}

/** The largest error of `actual` in units of rounding of the size that belongs to each element. */
function worst(
  precision: Precision,
  actual: FloatArray,
  exact: (i: number) => { value: number; size: number },
): number {
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const { value, size } = exact(i);
    const error = Math.abs(actual[i]! - value);
    if (error > 0) largest = Math.max(largest, error / (unit[precision] * size + Number.MIN_VALUE));
  }
  return largest;
}

describe.each(precisions)('in %s', (precision) => {
  test('the value is l1·Σ|w| + l2·Σw², summed in double precision', () => {
    fc.assert(
      fc.property(length, seed, strengths, (n, from, p) => {
        const w = draw(precision, n, from);
        let exact = 0;
        for (const x of w) exact += oracle.value(x, p);
        const value = kernels.penaltyValue(w, p);
        // Both sums are of positive terms: two roundings a term, and one for each addition.
        expect(Math.abs(value - exact)).toBeLessThanOrEqual((2 * n + 4) * unit.float64 * exact);
      }),
    );
  });

  test('the gradient is added, l1·sign(w) + 2·l2·w with sign(0) = 0', () => {
    fc.assert(
      fc.property(length, seed, strengths, (n, from, given) => {
        const [w, grads] = [draw(precision, n, from), draw(precision, n, from + 1)];
        const before = grads.slice();
        kernels.addPenaltyGradient(w, grads, given);
        const p = rounded(precision, given);
        const error = worst(precision, grads, (i) => ({
          value: before[i]! + oracle.gradient(w[i]!, p),
          size: Math.abs(before[i]!) + p.l1 + 2 * p.l2 * Math.abs(w[i]!),
        }));
        expect(error).toBeLessThanOrEqual(3);
      }),
    );
  });

  test('the prox is soft thresholding and a division, and zeros are +0', () => {
    fc.assert(
      fc.property(length, seed, strengths, fc.constantFrom(0, 0.01, 0.1, 1), (n, from, given, step) => {
        const w = draw(precision, n, from);
        const before = w.slice();
        kernels.prox(w, step, given);
        const p = rounded(precision, given);
        const exactStep = precision === 'float64' ? step : Math.fround(step);
        const error = worst(precision, w, (i) => ({
          value: oracle.prox(before[i]!, exactStep, p),
          size: Math.abs(before[i]!),
        }));
        expect(error).toBeLessThanOrEqual(5);
        expect(w.some((x) => Object.is(x, -0))).toBe(false);
      }),
    );
  });

  test('the prox is where ½‖z − w‖² + step·P(z) is smallest', () => {
    fc.assert(
      fc.property(seed, strengths, fc.constantFrom(0.01, 0.3, 2), (from, p, step) => {
        const before = draw(precision, 50, from);
        const w = before.slice();
        kernels.prox(w, step, p);
        for (const [i, z] of w.entries()) {
          const cost = (x: number): number => 0.5 * (x - before[i]!) ** 2 + step * oracle.value(x, p);
          const slack = 1e-6 * cost(z) + 1e-12;
          for (const nudge of [-0.1, -1e-3, 1e-3, 0.1])
            expect(cost(z)).toBeLessThanOrEqual(cost(z + nudge) + slack);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('softThreshold is the prox of the threshold times Σ|w|, bit for bit', () => {
    fc.assert(
      fc.property(fc.nat(300), seed, fc.constantFrom(0, 0.01, 0.5, 3), (n, from, threshold) => {
        const [one, other] = [draw(precision, n, from), draw(precision, n, from)];
        kernels.softThreshold(one, threshold);
        kernels.prox(other, threshold, { l1: 1 });
        expect(one).toEqual(other);
      }),
    );
  });

  test('the violation is the largest distance of −g from the subdifferential', () => {
    fc.assert(
      fc.property(length, seed, strengths, (n, from, given) => {
        const [w, grads] = [draw(precision, n, from), draw(precision, n, from + 1)];
        const p = rounded(precision, given);
        let [exact, size] = [0, 0];
        for (const [i, x] of w.entries()) {
          exact = Math.max(exact, oracle.violation(x, grads[i]!, p));
          size = Math.max(size, Math.abs(grads[i]!) + p.l1 + 2 * p.l2 * Math.abs(x));
        }
        const violation = kernels.penaltyViolation(w, grads, given);
        expect(Math.abs(violation - exact)).toBeLessThanOrEqual(3 * unit[precision] * size);
      }),
    );
  });

  test('an optimum of a separable problem has no violation: w = prox(z) for the gradient w − z', () => {
    fc.assert(
      fc.property(seed, strengths, (from, p) => {
        const z = draw(precision, 100, from);
        const w = z.slice();
        kernels.prox(w, 1, p);
        const grads = w.map((x, i) => x - z[i]!) as FloatArray;
        expect(kernels.penaltyViolation(w, grads, p)).toBeLessThanOrEqual(60 * 8 * unit[precision]);
      }),
      { numRuns: 30 },
    );
  });

  test('an omitted strength is 0, and an empty array is no error', () => {
    const w = draw(precision, 30, 1);
    const before = w.slice();
    expect(kernels.penaltyValue(w, {})).toBe(0);
    kernels.prox(w, 1, {});
    expect(w).toEqual(before.map((x) => x + 0));
    expect(kernels.penaltyValue(zeros(precision, 0), { l1: 1 })).toBe(0);
    expect(kernels.penaltyViolation(zeros(precision, 0), zeros(precision, 0), { l1: 1 })).toBe(0);
  });
});
