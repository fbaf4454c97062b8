import * as fc from 'fast-check';
import { kernels, type UpdateStats } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { draw, type FloatArray, type Precision, sameBits, unit, zeros } from '../oracle/draw.ts';
import * as oracle from '../oracle/optimizer.ts';

const adams = { adam: kernels.adam, adamw: kernels.adamw };
const precisions: Precision[] = ['float64', 'float32'];
const common = {
  lr: fc.constantFrom(0, 1e-3, 0.1),
  weightDecay: fc.constantFrom(0, 0.01, 0.5),
  decay: fc.constantFrom('coupled', 'decoupled', 'independent'),
  scheduleMultiplier: fc.constantFrom(1, 0.25),
  l1: fc.constantFrom(0, 0.01, 0.5),
  l2: fc.constantFrom(0, 0.01, 0.5),
  apply: fc.constantFrom('coupled', 'decoupled', 'proximal', 'proximal-decoupled'),
  maximize: fc.boolean(),
} as const;
const nearZero = fc.constantFrom(1e-4, 0.01);
const sgdOptions = fc
  .record({
    ...common,
    momentum: fc.constantFrom(0, 0.5, 0.9),
    dampening: fc.constantFrom(0, 0.3),
    nesterov: fc.boolean(),
  })
  .filter((o) => !o.nesterov || (o.momentum !== 0 && o.dampening === 0));
const adamOptions = fc.record({
  ...common,
  beta1: fc.constantFrom(0, 0.5, 0.9),
  beta2: fc.constantFrom(0.5, 0.99, 0.999),
  eps: fc.constantFrom(1e-8, 1e-3),
});
const length = fc.nat(300);
const seed = fc.nat();
const STEPS = 4;
/** Around a chunk of a sum, and enough for threads. */
const large = [16_383, 16_384, 16_385, 300_000];

/**
 * Roundings of one update, relative to the largest number in it: the schedule's numbers, the way
 * through gradient, state, square root, quotient, move, threshold and prox. Counted, not measured.
 */
const ROUNDINGS = 24;

/** The size of the gradient that a rule sees: the sum of what it is made of. */
function gradientSize(w: number, g: number, o: oracle.UpdateOptions): number {
  const decay = o.decay === 'coupled' ? o.weightDecay * Math.abs(w) : 0;
  const penalty = o.apply === 'coupled' ? o.l1 + 2 * o.l2 * Math.abs(w) : 0;
  return Math.abs(g) + decay + penalty;
}

/** The same gradients at every step but the first: some weights are seen for the first time then. */
function gradients(precision: Precision, n: number, from: number, step: number): FloatArray {
  const grads = draw(precision, n, from + step);
  for (let i = 0; i < n; i += 7) if (step < 3) grads[i] = 0;
  return grads;
}

/** The figures against those of the arrays; sums of float32 are of 16 lanes in chunks of 16384. */
function figuresFault(
  precision: Precision,
  stats: UpdateStats,
  exact: oracle.Figures,
  n: number,
): string | undefined {
  const perLane = precision === 'float64' ? n : Math.min(n, 16_384) / 16;
  const tolerance = (perLane + 20) * unit[precision];
  for (const name of ['penalty', 'gradNorm', 'weightNorm', 'updateNorm'] as const) {
    // A change is a difference of weights, rounded once by itself.
    const slack = name === 'updateNorm' ? unit[precision] * exact.weightNorm * 4 : 0;
    const error = Math.abs(stats[name] - exact[name]);
    if (!(error <= tolerance * exact[name] + slack)) return `${name} ${stats[name]}, not ${exact[name]}`;
  }
  for (const name of ['zeros', 'nearZeros'] as const) {
    if (stats[name] !== exact[name]) return `${name} ${stats[name]}, not ${exact[name]}`;
  }
  return undefined;
}

/** The first element that is farther than `allowed(i)` from what it must be. */
function farFrom(
  name: string,
  actual: ArrayLike<number>,
  exact: (i: number) => number,
  allowed: (i: number) => number,
): string | undefined {
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - exact(i));
    if (!(error <= allowed(i))) return `${name}[${i}] is ${actual[i]}, not ${exact(i)}: off by ${error}`;
  }
  return undefined;
}

/** What numbers of the options are in the precision of the kernel, where that is not what they were. */
function threshold(precision: Precision, value: number): number {
  return precision === 'float64' ? value : Math.fround(value);
}

describe.each(precisions)('in %s', (precision) => {
  const u = unit[precision];

  test('a step of SGD is the formula, whatever momentum, decay and penalty', () => {
    fc.assert(
      fc.property(length, seed, sgdOptions, nearZero, (n, from, o, near) => {
        const w = draw(precision, n, from);
        const buffer = o.momentum === 0 ? undefined : zeros(precision, n);
        for (let step = 1; step <= STEPS; step++) {
          const [grads, before, had] = [gradients(precision, n, from, step), w.slice(), buffer?.slice()];
          const stats = kernels.sgd(w, grads, { ...o, step, nearZero: near }, buffer);
          const exact = Array.from(before, (x, i) =>
            oracle.sgd({ w: x, g: grads[i]!, buffer: had?.[i] ?? 0 }, step, o),
          );
          const scale = (i: number): number =>
            Math.abs(had?.[i] ?? 0) + 2 * gradientSize(before[i]!, grads[i]!, o);
          const size = (i: number): number => exact[i]!.size + o.lr * scale(i);
          const figures = oracle.figures(before, grads, w, { ...o, nearZero: threshold(precision, near) });
          expect([
            farFrom(
              'w',
              w,
              (i) => exact[i]!.w,
              (i) => ROUNDINGS * u * size(i),
            ),
            farFrom(
              'buffer',
              buffer ?? [],
              (i) => exact[i]!.buffer,
              (i) => 6 * u * scale(i),
            ),
            figuresFault(precision, stats, figures, n),
          ]).toEqual([undefined, undefined, undefined]);
        }
      }),
      { numRuns: 200 },
    );
  });

  describe.each([{ amsgrad: false }, { amsgrad: true }])('amsgrad $amsgrad', ({ amsgrad }) => {
    test.each(['adam', 'adamw'] as const)(
      'a step of %s is the formula, whatever decay and penalty',
      (kind) => {
        fc.assert(
          fc.property(length, seed, adamOptions, nearZero, (n, from, o, near) => {
            const w = draw(precision, n, from);
            const [m, v] = [zeros(precision, n), zeros(precision, n)];
            const vMax = amsgrad ? zeros(precision, n) : undefined;
            for (let step = 1; step <= STEPS; step++) {
              const grads = gradients(precision, n, from, step);
              const [before, m0, v0, had] = [w.slice(), m.slice(), v.slice(), vMax?.slice()];
              const stats = adams[kind](w, grads, m, v, { ...o, step, nearZero: near }, vMax);
              const exact = Array.from(before, (x, i) => {
                const was = { w: x, g: grads[i]!, m: m0[i]!, v: v0[i]! };
                return oracle.adam(had === undefined ? was : { ...was, vMax: had[i]! }, step, o);
              });
              const seen = (i: number): number => gradientSize(before[i]!, grads[i]!, o);
              // A quotient has the relative error of its divisor: √v is at least √(1 − β₂) of the gradient,
              // whose own roundings are those of its terms.
              const quotient = (i: number): number => {
                const second = vMax === undefined ? exact[i]!.v : exact[i]!.vMax;
                const d = Math.sqrt(second / (1 - o.beta2 ** step)) + o.eps;
                const top = (o.beta1 * Math.abs(m0[i]!) + (1 - o.beta1) * seen(i)) / (1 - o.beta1 ** step);
                return ((o.lr * top) / d) * (1 + (Math.sqrt(1 - o.beta2) * seen(i)) / d);
              };
              const allowed = (i: number): number => ROUNDINGS * u * (exact[i]!.size + quotient(i));
              const moment = (i: number): number => 6 * u * (Math.abs(m0[i]!) + seen(i));
              const square = (i: number): number => 12 * u * (v0[i]! + seen(i) ** 2);
              const figures = oracle.figures(before, grads, w, {
                ...o,
                nearZero: threshold(precision, near),
              });
              expect([
                farFrom('w', w, (i) => exact[i]!.w, allowed),
                farFrom('m', m, (i) => exact[i]!.m, moment),
                farFrom('v', v, (i) => exact[i]!.v, square),
                farFrom('vMax', vMax ?? [], (i) => exact[i]!.vMax, square),
                figuresFault(precision, stats, figures, n),
              ]).toEqual([undefined, undefined, undefined, undefined, undefined]);
            }
          }),
        );
      },
    );
  });

  test.each(large)(
    'an array of %i elements is updated as its parts are, and the figures are those of all',
    (n) => {
      const options = { lr: 0.01, weightDecay: 0.1, l1: 0.02, l2: 0.01, step: 2 };
      const [w, grads] = [draw(precision, n, 1), draw(precision, n, 2)];
      const [m, v] = [draw(precision, n, 3), draw(precision, n, 4).map(Math.abs) as FloatArray];
      const [before, parts] = [w.slice(), { w: w.slice(), m: m.slice(), v: v.slice() }];
      const stats = kernels.adamw(w, grads, m, v, options);
      for (let at = 0; at < n; at += 999) {
        const part = (array: FloatArray): FloatArray => array.subarray(at, at + 999) as FloatArray;
        kernels.adamw(part(parts.w), part(grads), part(parts.m), part(parts.v), options);
      }
      expect(sameBits(w, parts.w) && sameBits(m, parts.m) && sameBits(v, parts.v)).toBe(true);
      const figures = oracle.figures(before, grads, w, { ...options, nearZero: threshold(precision, 1e-4) });
      expect(figuresFault(precision, stats, figures, n)).toBeUndefined();
    },
  );

  test('a bound update gives the bits and the figures of the plain call', () => {
    fc.assert(
      fc.property(fc.nat(200), seed, adamOptions, (n, from, o) => {
        const make = (): { weights: FloatArray; grads: FloatArray; m: FloatArray; v: FloatArray } => ({
          weights: draw(precision, n, from),
          grads: draw(precision, n, from + 1),
          m: zeros(precision, n),
          v: zeros(precision, n),
        });
        const [plain, bound] = [make(), make()];
        const step = kernels.bind('adamw', bound);
        for (let t = 1; t <= 3; t++) {
          const stats = kernels.adamw(plain.weights, plain.grads, plain.m, plain.v, { ...o, step: t });
          expect(step({ ...o, step: t })).toEqual(stats);
        }
        expect(bound).toEqual(plain);
      }),
    );
  });

  test('a dead unit keeps its weight under a prox of Adam: where v is exactly 0 the threshold is lr·l1', () => {
    const w = zeros(precision, 3).fill(1);
    const [grads, m, v] = [zeros(precision, 3), zeros(precision, 3), zeros(precision, 3)];
    grads[2] = 1e-6;
    kernels.adam(w, grads, m, v, { step: 1, lr: 0.01, l1: 0.5 });
    expect(w[0]).toBeCloseTo(1 - 0.005, precision === 'float64' ? 15 : 7);
    expect(w[1]).toBe(w[0]);
    expect(w[2]).toBe(0);
  });
});

test.each([
  ['sgd', { decay: 'coupled' }],
  ['adam', { decay: 'coupled' }],
  ['adamw', { decay: 'decoupled' }],
] as const)('%s decays as PyTorch does unless told otherwise', (kind, { decay }) => {
  const run = (options: object): number[] => {
    const w = Float64Array.of(1, -2);
    const [m, v] = [new Float64Array(2), new Float64Array(2)];
    const all = { step: 1, lr: 0.1, weightDecay: 0.5, ...options };
    if (kind === 'sgd') kernels.sgd(w, Float64Array.of(0.3, 0.1), all);
    else adams[kind](w, Float64Array.of(0.3, 0.1), m, v, all);
    return [...w];
  };
  expect(run({})).toEqual(run({ decay }));
});

test('a penalty with l1 acts by prox unless told otherwise, one without it by gradient', () => {
  const run = (options: object): number[] => {
    const w = Float64Array.of(1, -2);
    kernels.sgd(w, Float64Array.of(0.3, 0.1), { lr: 0.1, ...options });
    return [...w];
  };
  expect(run({ l1: 0.5, l2: 0.1 })).toEqual(run({ l1: 0.5, l2: 0.1, apply: 'proximal' }));
  expect(run({ l2: 0.1 })).toEqual(run({ l2: 0.1, apply: 'coupled' }));
});
