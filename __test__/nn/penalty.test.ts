import * as fc from 'fast-check';
import { nn, optim, penalty, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw, unit } from '../oracle/draw.ts';
import * as oracle from '../oracle/penalty.ts';

const strength = fc.constantFrom(0, 0.01, 0.5, 2);

test('value, gradient, prox and violation of a tensor are those of the formulas', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(60), strength, strength, (seed, n, l1, l2) => {
      const p = penalty.elasticNet({ l1, l2 });
      const [w, g] = [draw('float64', n, seed), draw('float64', n, seed + 1)];
      const [weights, grads] = [tensor(w), tensor(g)];
      let exact = 0;
      for (const x of w) exact += oracle.value(x, p);
      expect(Math.abs(p.value(weights) - exact)).toBeLessThanOrEqual((2 * n + 4) * unit.float64 * exact);
      expect(p.value(w)).toBe(p.value(weights));
      expect(Array.from(p.gradient(weights).data, (x) => x + 0)).toEqual(
        Array.from(w, (x) => oracle.gradient(x, p) + 0),
      );
      const worst = Math.max(0, ...w.map((x, i) => oracle.violation(x, g[i]!, p)));
      expect(Math.abs(p.violation(weights, grads) - worst)).toBeLessThanOrEqual(1e-14 * (1 + worst));
      const expected = Array.from(w, (x) => oracle.prox(x, 0.3, p));
      expect(p.prox(weights, 0.3)).toBe(weights);
      for (const [i, x] of w.entries()) expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-14);
    }),
    { numRuns: 50 },
  );
});

test('the value of a list is the sum over it', () => {
  const layer = new nn.Linear(3, 2);
  const p = penalty.l1(0.5);
  expect(p.value(layer.parameters())).toBeCloseTo(p.value(layer.weight) + p.value(layer.bias!), 14);
  expect(p.of(layer.parameters()).item()).toBeCloseTo(p.value(layer.parameters()), 6);
});

test('l2 is λ·Σw², or by weightDecay ½λ·Σw²', () => {
  expect(penalty.l2(0.5).value(Float64Array.of(3))).toBe(4.5);
  expect(penalty.l2({ weightDecay: 0.5 }).value(Float64Array.of(3))).toBe(2.25);
  const run = (options: object): number => {
    const w = tensor(Float64Array.of(3), { requiresGrad: true });
    w.grad = tensor(Float64Array.of(0.25));
    new optim.SGD([w], { lr: 0.5, ...options }).step();
    return w.item();
  };
  expect(run({ penalty: penalty.l2({ weightDecay: 0.5 }) })).toBe(run({ weightDecay: 0.5 }));
});

test('an activation penalty is counted per sample where it is told to', () => {
  const activations = tensor([
    [1, -2],
    [3, 0],
  ]);
  expect(penalty.l1(0.5).of(activations).item()).toBe(3);
  expect(penalty.l1(0.5).of(activations, { per: 'sample' }).item()).toBe(1.5);
});

test('an omitted strength of the elastic net is 0', () => {
  expect(penalty.elasticNet({ l1: 0.1 })).toMatchObject({ l1: 0.1, l2: 0, kinked: true });
  expect(penalty.elasticNet({})).toMatchObject({ l1: 0, l2: 0, kinked: true });
  expect(penalty.l2(1)).toMatchObject({ l1: 0, l2: 1, kinked: false });
});

describe('wrong strengths are refused', () => {
  test.each([-1, Number.NaN, Infinity, '0.1', null, undefined, [1]])('%o', (bad) => {
    for (const make of [penalty.l1, penalty.l2]) {
      if (make === penalty.l2 && typeof bad === 'object') continue;
      expect(refusal(() => make(bad as number))?.code).toMatch(/^ERR_/u);
    }
    const p = penalty.l1(0.5);
    expect(refusal(() => (p.l1 = bad as number))?.message).toMatch(
      /^penalty\.l1: `l1` must be a finite number >= 0, got /u,
    );
    expect(p.l1).toBe(0.5);
  });

  test.each([
    ['penalty.l2: `weightDecay` must be a finite number >= 0, got -1', () => penalty.l2({ weightDecay: -1 })],
    ['Did you mean l1?', () => penalty.elasticNet({ l1: 1, l3: 1 } as never)],
    ['penalty.elasticNet: `options` must be an object, got null', () => penalty.elasticNet(null as never)],
    [
      'penalty.l1.prox: `step` must be a finite number >= 0, got -1',
      () => penalty.l1(1).prox(Float32Array.of(1), -1),
    ],
    ['penalty.l1.of: `params` must be at least one tensor, got none', () => penalty.l1(1).of([])],
    [
      '`params` must be all of float32, got float64',
      () => penalty.l1(1).of([tensor([1]), tensor([1], { dtype: 'float64' })]),
    ],
    [
      '`weights` must be a tensor of float32 or float64, got one of int32',
      () => penalty.l1(1).value(tensor(Int32Array.of(1))),
    ],
    ['`weights` must be', () => penalty.l1(1).value([1, 2] as never)],
    ['`weights` must be', () => penalty.l1(1).value(null as never)],
  ] as const)('%s', (message, call) => {
    const thrown = refusal(call);
    expect(thrown?.code).toMatch(/^ERR_/u);
    expect(thrown?.message).toContain(message);
  });
});
