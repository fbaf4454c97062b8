import * as fc from 'fast-check';
import { compile, kernels, nn, optim, penalty, tensor, Tensor, type TensorArray } from 'ridgeline';
import { afterEach, describe, expect, test } from 'vitest';
import { batchOf, type Network, network, steps } from './network.ts';
import { draw } from '../oracle/draw.ts';
import { pointwise } from '../oracle/pointwise.ts';

const { threads } = kernels.info();
afterEach(() => kernels.setThreads(threads));

/** Every bit of an array. */
function bits(array: TensorArray): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');
}

/** Every bit of a result. */
function show(value: unknown): unknown {
  if (value instanceof Tensor) return `${value.dtype}[${value.shape.join()}] ${bits(value.data)}`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : value;
  if (Array.isArray(value)) return value.map(show);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item)]));
}

interface Call {
  readonly result?: unknown;
  readonly parameters: unknown;
  readonly grads: unknown;
}

/**
 * What `calls` calls leave behind each, the results looked at only after the last. Captured, they
 * must run at most `programs` programs: one that is recorded at each call would have the right bits.
 */
function trace(
  { parameters, step, between }: Network,
  programs: number | undefined,
  calls: number,
  batch: (call: number) => readonly [Tensor, Tensor],
): Call[] {
  const compiled = compile(step);
  const run = programs === undefined ? step : compiled;
  const found: Call[] = [];
  const results: unknown[] = [];
  for (let call = 1; call <= calls; call++) {
    results.push(run(...batch(call)));
    found.push({
      parameters: show(parameters),
      grads: parameters.map(({ grad }) => show(grad)),
    });
    between(call);
  }
  expect(compiled.explain().programs.length).toBeLessThanOrEqual(programs ?? 0);
  return found.map(({ parameters: held, grads }, i) => ({
    parameters: held,
    grads,
    result: show(results[i]),
  }));
}

test.each([1, 2])('a captured random step has the bits of the function itself, with %i threads', (count) => {
  kernels.setThreads(count);
  fc.assert(
    fc.property(steps, fc.integer({ min: 6, max: 9 }), (spec, calls) => {
      const batch = (call: number): readonly [Tensor, Tensor] => batchOf(spec, call);
      expect(trace(network(spec), 2, calls, batch)).toEqual(trace(network(spec), undefined, calls, batch));
    }),
    { numRuns: 400 },
  );
});

test.each(Object.entries(pointwise))('%s has the same bits, and so has its gradient', (_, op) => {
  for (const dtype of ['float32', 'float64'] as const) {
    const make = (): Network => {
      const own = tensor(draw(dtype, 35, 1), { shape: [5, 7], requiresGrad: true });
      const step = (x: Tensor, y: Tensor): Tensor => {
        own.grad = null;
        const out = op(own.add(x));
        out.mul(y).sum().backward();
        return out;
      };
      return { parameters: [own], step, between: () => {} };
    };
    const batch = (call: number): readonly [Tensor, Tensor] => [
      tensor(draw(dtype, 35, 2 * call), { shape: [5, 7] }),
      tensor(draw(dtype, 35, 2 * call + 1), { shape: [5, 7] }),
    ];
    expect(trace(make(), 1, 5, batch)).toEqual(trace(make(), undefined, 5, batch));
  }
});

test('shapes that alternate run programs of their own, on one state', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 7 }), (spec, other) => {
      const shorter = { ...spec, chain: [], batch: other };
      const batch = (call: number): readonly [Tensor, Tensor] =>
        batchOf(call % 3 === 0 ? shorter : { ...spec, chain: [] }, call);
      const plain = { ...spec, chain: [] };
      expect(trace(network(plain), 4, 12, batch)).toEqual(trace(network(plain), undefined, 12, batch));
    }),
    { numRuns: 100 },
  );
});

describe.each([1, 2])('with %i threads', (count) => {
  test.each([
    ['float32', (params: Tensor[]) => new optim.AdamW(params, { lr: 0.01, penalty: penalty.l1(1e-3) })],
    ['float64', (params: Tensor[]) => new optim.SGD(params, { lr: 0.01, momentum: 0.9 })],
  ] as const)('a network that is cut into pieces has the same bits in %s', (dtype, optimizerOf) => {
    kernels.setThreads(count);
    const make = (): Network => {
      const [first, second] = [new nn.Linear(300, 257, { dtype }), new nn.Linear(257, 10, { dtype })];
      const parameters = [...first.parameters(), ...second.parameters()];
      for (const [i, { data }] of parameters.entries())
        data.set(draw(dtype, data.length, i).map((w) => w / 50));
      const optimizer = optimizerOf(parameters);
      const step = (x: Tensor, y: Tensor): unknown => {
        const out = second.forward(first.forward(x).relu());
        const loss = nn.functional.crossEntropy(out, y);
        optimizer.zeroGrad();
        loss.backward();
        return { loss, out, stats: optimizer.step() };
      };
      return { parameters, step: step as Network['step'], between: () => {} };
    };
    const batch = (call: number): readonly [Tensor, Tensor] => [
      tensor(draw(dtype, 130 * 300, call), { shape: [130, 300] }),
      tensor(Int32Array.from({ length: 130 }, (_, i) => (i * call) % 10)),
    ];
    expect(trace(make(), 1, 6, batch)).toEqual(trace(make(), undefined, 6, batch));
  });
});
