import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { draw, type FloatArray, type Precision, sameBits, zeros } from '../oracle/draw.ts';

/** Two blocks of 16 lanes and a tail: every lane and every place of a tail is met. */
const N = 47;
const bads = [Number.NaN, Infinity, -Infinity];

/** Everything that writes an array of weights; it is given weights, gradients and two arrays of state. */
type Call = (w: FloatArray, g: FloatArray, m: FloatArray, v: FloatArray) => void;
const penalty = { l1: 0.01, l2: 0.1 };
const calls: Record<string, Call> = {
  addPenaltyGradient: (w, g) => kernels.addPenaltyGradient(w, g, penalty),
  prox: (w) => kernels.prox(w, 0.1, penalty),
  softThreshold: (w) => kernels.softThreshold(w, 0.1),
  sgd: (w, g) => kernels.sgd(w, g, { lr: 0.1 }),
  'sgd with momentum': (w, g, m) =>
    kernels.sgd(w, g, { lr: 0.1, momentum: 0.9, nesterov: true, l1: 0.01 }, m),
  stream: (w, g, m, v) => kernels.stream(w, g, m, v),
};
for (const apply of ['coupled', 'decoupled', 'proximal', 'proximal-decoupled'] as const) {
  calls[`adam ${apply}`] = (w, g, m, v) => kernels.adam(w, g, m, v, { step: 1, lr: 0.1, ...penalty, apply });
  calls[`adamw by l1 alone, ${apply}`] = (w, g, m, v) =>
    kernels.adamw(w, g, m, v, { step: 1, lr: 0.1, l1: 0.1, weightDecay: 0.1, apply });
}

interface Arrays {
  readonly w: FloatArray;
  readonly g: FloatArray;
  readonly m: FloatArray;
  readonly v: FloatArray;
}

describe.each(['float32', 'float64'] satisfies Precision[])('in %s', (precision) => {
  const fresh = (): Arrays => ({
    w: draw(precision, N, 1).map((x) => x + 0) as FloatArray,
    g: draw(precision, N, 2),
    m: zeros(precision, N),
    v: zeros(precision, N),
  });

  test.each(Object.entries(calls))('%s keeps a bad weight in its own element', (_, call) => {
    const clean = fresh();
    call(clean.w, clean.g, clean.m, clean.v);
    for (const bad of bads)
      for (let i = 0; i < N; i++) {
        const dirty = fresh();
        dirty.w[i] = bad;
        call(dirty.w, dirty.g, dirty.m, dirty.v);
        expect(Number.isFinite(dirty.w[i])).toBe(false);
        for (const name of ['w', 'g', 'm', 'v'] as const) {
          const restored = dirty[name].slice();
          restored[i] = clean[name][i]!;
          expect(sameBits(restored, clean[name])).toBe(true);
        }
      }
  });

  const reading = Object.entries(calls).filter(([name]) => !/prox$|soft/.test(name));

  test.each(reading)('%s shows a bad gradient in its own element', (name, call) => {
    const clean = fresh();
    call(clean.w, clean.g, clean.m, clean.v);
    for (const bad of bads)
      for (let i = 0; i < N; i++) {
        const dirty = fresh();
        dirty.g[i] = bad;
        call(dirty.w, dirty.g, dirty.m, dirty.v);
        const shown = name === 'addPenaltyGradient' ? dirty.g : dirty.w;
        expect(Number.isFinite(shown[i])).toBe(false);
        for (const array of ['w', 'g', 'm', 'v'] as const) {
          const restored = dirty[array].slice();
          restored[i] = clean[array][i]!;
          expect(sameBits(restored, clean[array])).toBe(true);
        }
      }
  });

  test('a bad number at any place shows in value, violation and figures', () => {
    for (const bad of bads)
      for (let i = 0; i < N; i++) {
        const { w, g } = fresh();
        w[i] = bad;
        expect(Number.isFinite(kernels.penaltyValue(w, penalty))).toBe(false);
        expect(Number.isFinite(kernels.penaltyViolation(w, g, penalty))).toBe(false);
        expect(Number.isFinite(kernels.penaltyViolation(g, w, penalty))).toBe(false);
        const { penalty: value, weightNorm, updateNorm } = kernels.sgd(w, g, { lr: 0.1, ...penalty });
        expect([value, weightNorm, updateNorm].some(Number.isFinite)).toBe(false);
        const other = fresh();
        other.g[i] = bad;
        expect(Number.isFinite(kernels.sgd(other.w, other.g, { lr: 0.1 }).gradNorm)).toBe(false);
      }
  });

  test('a NaN that comes first is not hidden by larger numbers that follow', () => {
    const w = zeros(precision, 40_000).fill(1);
    const g = zeros(precision, 40_000).fill(5);
    g[3] = Number.NaN;
    expect(kernels.penaltyViolation(w, g, penalty)).toBeNaN();
  });

  test('what a prox cuts off is +0, whatever its sign was', () => {
    const tiny = (): FloatArray =>
      zeros(precision, N).map((_, i) => (i % 2 === 0 ? -0.05 : 0.05)) as FloatArray;
    const zero = (): FloatArray => zeros(precision, N).fill(-0);
    const positive = (w: FloatArray): boolean => w.every((x) => Object.is(x, 0));
    for (const w of [tiny(), zero()]) {
      kernels.prox(w, 1, { l1: 0.1, l2: 0.2 });
      expect(positive(w)).toBe(true);
    }
    for (const w of [tiny(), zero()]) {
      kernels.softThreshold(w, 0.1);
      expect(positive(w)).toBe(true);
    }
    for (const w of [tiny(), zero()]) {
      const stats = kernels.sgd(w, zeros(precision, N), { lr: 1, l1: 0.1 });
      expect(positive(w)).toBe(true);
      expect(stats.zeros).toBe(N);
    }
  });

  test('a zero of either sign has no slope under l1 and counts as zero', () => {
    const w = zeros(precision, 2);
    w[1] = -0;
    const g = zeros(precision, 2);
    kernels.addPenaltyGradient(w, g, { l1: 1, l2: 1 });
    expect([...g]).toEqual([0, 0]);
    expect(kernels.sgd(w, g, { lr: 0.1 }).zeros).toBe(2);
  });

  test('a prox of an endless step leaves zeros, not NaN', () => {
    const w = zeros(precision, 2).fill(1);
    kernels.prox(w, 1e39, { l2: 1 });
    expect(w[0]).toBeCloseTo(0, 12);
  });

  test('the norm of a gradient is right where its square is beyond the precision', () => {
    const size = precision === 'float32' ? 2 ** 80 : 2 ** 500;
    const g = zeros(precision, 4).fill(size);
    expect(kernels.sgd(zeros(precision, 4), g, { lr: 0 }).gradNorm).toBe(2 * size);
  });
});
