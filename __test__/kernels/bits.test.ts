import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { install, layout } from '../addon.ts';
import { draw, type FloatArray, type Precision, sameBits, zeros } from '../oracle/draw.ts';

/** Above 2¹⁸, so that threads are used, and no multiple of a chunk, a lane or a piece. */
const N = 300_007;
const THREADS = [1, 2, 3, 4, 5, 6, 7, 8];
const { isas } = kernels.info();
const adams = { adam: kernels.adam, adamw: kernels.adamw };
const combinations = isas.flatMap((isa) => THREADS.map((threads) => ({ isa, threads })));

interface Outcome {
  readonly arrays: readonly FloatArray[];
  readonly numbers: object;
}

/** The combinations of instruction set and threads whose outcome differs from that of the first. */
function differing(run: (exec: { isa: kernels.Isa; threads: number }) => Outcome): string[] {
  const [first, ...others] = combinations;
  const reference = run(first!);
  return others
    .filter((exec) => {
      const { arrays, numbers } = run(exec);
      const bits = arrays.every((array, i) => sameBits(array, reference.arrays[i]!));
      return !bits || JSON.stringify(numbers) !== JSON.stringify(reference.numbers);
    })
    .map(({ isa, threads }) => `${isa}, ${threads} threads`);
}

describe.each(['float32', 'float64'] satisfies Precision[])('in %s', (precision) => {
  const [weights, grads] = [draw(precision, N, 1), draw(precision, N, 2)];
  const p = { l1: 0.013, l2: 0.007 };

  test('penalties have the same bits on every instruction set and number of threads', () => {
    const found = differing((exec) => {
      const [gradient, prox, soft] = [grads.slice(), weights.slice(), weights.slice()];
      kernels.addPenaltyGradient(weights, gradient, { ...p, ...exec });
      kernels.prox(prox, 0.3, { ...p, ...exec });
      kernels.softThreshold(soft, 0.2, exec);
      return {
        arrays: [gradient, prox, soft],
        numbers: {
          value: kernels.penaltyValue(weights, { ...p, ...exec }),
          violation: kernels.penaltyViolation(weights, grads, { ...p, ...exec }),
        },
      };
    });
    expect(found).toEqual([]);
  });

  test.each([
    ['sgd', { momentum: 0.9, nesterov: true }],
    ['sgd', { momentum: 0.9, dampening: 0.2, step: 3, apply: 'coupled' }],
    ['adam', { apply: 'proximal' }],
    ['adamw', { apply: 'proximal-decoupled', weightDecay: 0.01 }],
    ['adamw', { apply: 'decoupled', decay: 'independent', weightDecay: 0.001 }],
  ] as const)('%s with %o has the same bits and figures everywhere', (kind, options) => {
    const found = differing((exec) => {
      const [w, m, v] = [weights.slice(), zeros(precision, N), zeros(precision, N)];
      const all = { lr: 0.01, step: 3, ...p, ...options, ...exec };
      const numbers = kind === 'sgd' ? kernels.sgd(w, grads, all, m) : adams[kind](w, grads, m, v, all);
      return { arrays: [w, m, v], numbers };
    });
    expect(found).toEqual([]);
  });

  test('the yardstick of memory has the same bits too', () => {
    const found = differing((exec) => {
      const [w, m, v] = [weights.slice(), zeros(precision, N), zeros(precision, N)];
      kernels.stream(w, grads, m, v, exec);
      return { arrays: [w, m, v], numbers: {} };
    });
    expect(found).toEqual([]);
  });

  test('operations on tensors have the same bits everywhere, sums among them', () => {
    const { ops, setExec } = install();
    const labels = Int32Array.from({ length: N / 7 }, (_, i) => i % 7);
    const found = differing(({ isa, threads }) => {
      setExec(layout.isas.indexOf(isa), threads);
      const arrays: FloatArray[] = [];
      const out = (length: number): FloatArray => {
        arrays.push(zeros(precision, length));
        return arrays.at(-1)!;
      };
      for (const name of ['add', 'sub', 'mul', 'div', 'abs_gradient', 'relu_gradient'])
        ops[name]!(weights, grads, out(N), N);
      for (const name of ['abs', 'relu']) ops[name]!(weights, out(N), N);
      ops['affine']!(weights, out(N), N, 1.7, -0.3);
      ops['sum']!(weights, out(1), N, 0.5);
      ops['mse']!(weights, grads, out(1), N);
      ops['mse_gradient']!(weights, grads, zeros(precision, 1).fill(1), out(N), N, N);
      const into = out(N);
      into.set(weights);
      ops['accumulate']!(grads, into, N);
      const biased = out(7 * labels.length);
      ops['add_bias']!(weights.slice(0, 7), biased, labels.length, 7);
      ops['sum_rows']!(weights.slice(0, 7 * labels.length), out(7), labels.length, 7);
      const rows = weights.slice(0, 7 * labels.length);
      ops['cross_entropy']!(rows, labels, out(rows.length), out(1), labels.length, 7);
      const figures = new Float64Array(4);
      ops['sparsity']!(weights, figures, N, 1e-2);
      return { arrays, numbers: [...figures] };
    });
    expect(found).toEqual([]);
  });
});

test('setThreads sets what info shows', () => {
  const before = kernels.info().threads;
  kernels.setThreads(3);
  expect(kernels.info().threads).toBe(3);
  kernels.setThreads(before);
});
