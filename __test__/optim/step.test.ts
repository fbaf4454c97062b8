import * as fc from 'fast-check';
import { kernels, manualSeed, nn, optim, penalty, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw, type FloatArray, sameBits, zeros } from '../oracle/draw.ts';

/** A leaf over an array, and the gradient that it gets. */
function leaf(data: FloatArray, grads: FloatArray): Tensor {
  const parameter = tensor(data, { requiresGrad: true });
  parameter.grad = tensor(grads);
  return parameter;
}

/** A parameter of a layer that holds the same numbers, in an arena. */
function inArena(data: FloatArray, grads: FloatArray): Tensor {
  const parameter = new nn.Parameter(
    'weight',
    [data.length],
    data instanceof Float64Array ? 'float64' : 'float32',
  );
  parameter.data.set(data);
  parameter.grad = tensor(grads);
  return parameter;
}

const decays = ['coupled', 'decoupled', 'independent'] as const;
const applies = ['coupled', 'decoupled', 'proximal', 'proximal-decoupled'] as const;

describe.each(['float32', 'float64'] as const)('in %s', (precision) => {
  test('Adam and AdamW are the kernels’, bit for bit, whatever decay and penalty', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...decays),
        fc.constantFrom(...applies),
        fc.boolean(),
        (seed, n, decay, apply, amsgrad) => {
          const [w, g] = [draw(precision, n, seed), draw(precision, n, seed + 1)];
          const [m, v] = [zeros(precision, n), zeros(precision, n)];
          const vMax = amsgrad ? zeros(precision, n) : undefined;
          const parameter = leaf(w.slice(), g);
          const p = penalty.elasticNet({ l1: 0.02, l2: 0.01 });
          const options = { lr: 0.1, weightDecay: 0.05, decay, apply };
          const optimizer = new optim.Adam([parameter], { ...options, amsgrad, penalty: p });
          for (let step = 1; step <= 3; step++) {
            const stats = kernels.adam(w, g, m, v, { ...options, step, l1: 0.02, l2: 0.01 }, vMax);
            expect(optimizer.step()).toEqual(stats);
          }
          expect(sameBits(parameter.data, w)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([{}, { momentum: 0.9 }, { momentum: 0.9, nesterov: true }, { momentum: 0.5, dampening: 0.3 }])(
    'SGD with %o is the kernel’s, bit for bit, whatever decay and penalty',
    (own) => {
      for (const [decay, apply] of decays.flatMap((d) => applies.map((a) => [d, a] as const))) {
        const [w, g, buffer] = [draw(precision, 50, 1), draw(precision, 50, 2), zeros(precision, 50)];
        const parameter = leaf(w.slice(), g);
        const options = { lr: 0.1, weightDecay: 0.05, decay, apply, ...own };
        const optimizer = new optim.SGD([parameter], { ...options, penalty: penalty.l1(0.02) });
        for (let step = 1; step <= 3; step++) {
          kernels.sgd(w, g, { ...options, step, l1: 0.02 }, 'momentum' in own ? buffer : undefined);
          optimizer.step();
        }
        expect(sameBits(parameter.data, w)).toBe(true);
      }
    },
  );

  test('an arena and arrays of one’s own, many groups, one step: each as if it were alone', () => {
    const sizes = [1, 15, 16, 33, 200, 1000];
    const lone = sizes.map((n, i) => ({ w: draw(precision, n, i), g: draw(precision, n, 100 + i) }));
    const params = lone.map(({ w, g }, i) => (i % 2 === 0 ? leaf : inArena)(w.slice(), g));
    const lrs = [0.1, 0.01, 0.3];
    const groups = lrs.map((lr, g) => ({
      params: params.filter((_, i) => i % 3 === g),
      lr,
      penalty: penalty.l1(0.1 * g),
    }));
    const optimizer = new optim.AdamW(groups);
    const stats = optimizer.step();
    let [square, cost, zeroCount] = [0, 0, 0];
    for (const [i, { w, g }] of lone.entries()) {
      const [m, v] = [zeros(precision, w.length), zeros(precision, w.length)];
      const options = { step: 1, lr: lrs[i % 3]!, weightDecay: 0.01, l1: 0.1 * (i % 3) };
      const alone = kernels.adamw(w, g, m, v, options);
      square += alone.gradNorm ** 2;
      cost += alone.penalty;
      zeroCount += alone.zeros;
      expect(sameBits(params[i]!.data, w)).toBe(true);
    }
    expect(stats.gradNorm).toBeCloseTo(Math.sqrt(square), 6);
    expect(stats.penalty).toBeCloseTo(cost, 6);
    expect(stats.zeros).toBe(zeroCount);
  });
});

test('two penalties of a group are added up, with a kink if one of them has one', () => {
  const [both, one] = [
    leaf(Float64Array.of(1, -2), Float64Array.of(0, 0)),
    leaf(Float64Array.of(1, -2), Float64Array.of(0, 0)),
  ];
  new optim.SGD([both], { lr: 0.1, penalty: [penalty.l2(0.5), penalty.l1(0.3)] }).step();
  new optim.SGD([one], { lr: 0.1, penalty: penalty.elasticNet({ l1: 0.3, l2: 0.5 }) }).step();
  expect([...both.data]).toEqual([...one.data]);
});

test('a penalty with a kink acts by prox even at strength 0, one without it by gradient', () => {
  const w = leaf(Float64Array.of(0.01), Float64Array.of(0));
  const p = penalty.l1(0);
  const optimizer = new optim.SGD([w], { lr: 1, penalty: p });
  optimizer.step();
  expect(w.item()).toBe(0.01);
  p.l1 = 0.5;
  optimizer.step();
  expect(w.item()).toBe(0);
  const smooth = leaf(Float64Array.of(1), Float64Array.of(0));
  new optim.SGD([smooth], { lr: 0.25, penalty: penalty.l2(1) }).step();
  expect(smooth.item()).toBe(0.5);
});

test('changes of lr, decay and strength between steps take effect at the next', () => {
  const w = leaf(Float64Array.of(8), Float64Array.of(1));
  const p = penalty.l1(0);
  const optimizer = new optim.SGD([w], { lr: 1, penalty: p });
  const group = optimizer.paramGroups[0]!;
  optimizer.step();
  expect(w.item()).toBe(7);
  group.lr = 2;
  optimizer.step();
  expect(w.item()).toBe(5);
  p.l1 = 0.5;
  optimizer.step();
  expect(w.item()).toBe(2);
  p.l1 = 0;
  group.weightDecay = 0.25;
  optimizer.step();
  expect(w.item()).toBe(-1);
});

test('independent decay follows lr over the initial lr, not lr', () => {
  const w = leaf(Float64Array.of(1), Float64Array.of(0));
  const optimizer = new optim.SGD([w], { lr: 0.1, weightDecay: 0.5, decay: 'independent' });
  optimizer.step();
  expect(w.item()).toBe(0.5);
  optimizer.paramGroups[0]!.lr = 0.05;
  optimizer.step();
  expect(w.item()).toBe(0.375);
  const decoupled = leaf(Float64Array.of(1), Float64Array.of(0));
  new optim.SGD([decoupled], { lr: 0.5, weightDecay: 0.5, decay: 'decoupled' }).step();
  expect(decoupled.item()).toBe(0.75);
});

test('a parameter without a gradient is left as it is, decay and number of steps included', () => {
  const [seen, unseen] = [
    leaf(Float64Array.of(1), Float64Array.of(1)),
    leaf(Float64Array.of(1), Float64Array.of(1)),
  ];
  const optimizer = new optim.AdamW([seen, unseen], { lr: 0.1, weightDecay: 0.5, penalty: penalty.l1(1) });
  unseen.grad = null;
  const stats = optimizer.step();
  expect(unseen.item()).toBe(1);
  expect(stats.gradNorm).toBe(1);
  const first = seen.item();
  unseen.grad = tensor(Float64Array.of(1));
  seen.grad = null;
  optimizer.step();
  expect(unseen.item()).toBe(first);
  expect(seen.item()).toBe(first);
});

test('a step without any gradient is none', () => {
  const w = leaf(Float64Array.of(1), Float64Array.of(1));
  w.grad = null;
  const stats = new optim.Adam([w]).step();
  expect(stats).toEqual({ penalty: 0, gradNorm: 0, updateNorm: 0, weightNorm: 0, zeros: 0, nearZeros: 0 });
  expect(w.item()).toBe(1);
});

test('zeroGrad forgets the gradients of all groups', () => {
  const [a, b] = [leaf(Float64Array.of(1), Float64Array.of(1)), leaf(Float64Array.of(1), Float64Array.of(1))];
  new optim.SGD([{ params: a }, { params: b }]).zeroGrad();
  expect([a.grad, b.grad]).toEqual([null, null]);
});

describe('a failed step changes nothing', () => {
  /** Two parameters that have taken a step, and what would be the next one. */
  function ready(): { a: Tensor; b: Tensor; optimizer: optim.Adam } {
    const a = leaf(Float64Array.of(1, 2), Float64Array.of(1, -1));
    const b = leaf(Float64Array.of(3), Float64Array.of(0.5));
    const optimizer = new optim.Adam([{ params: a }, { params: b }], { lr: 0.1 });
    optimizer.step();
    return { a, b, optimizer };
  }

  /** The numbers after one more good step: those of a run in which nothing failed. */
  const expected = (): number[] => {
    const { a, b, optimizer } = ready();
    optimizer.step();
    return [...a.data, ...b.data];
  };

  test.each([
    ['lr', (group: { lr: number }) => (group.lr = Number.NaN)],
    ['betas', (group: { betas: unknown }) => (group.betas = [0.9])],
    ['decay', (group: { decay: unknown }) => (group.decay = 'none')],
    ['amsgrad', (group: { amsgrad: unknown }) => (group.amsgrad = 1)],
  ] as const)('because of a wrong %s in the last group', (name, spoil) => {
    const { a, b, optimizer } = ready();
    const before = [...a.data, ...b.data];
    const group = optimizer.paramGroups[1]!;
    const right = { ...group };
    spoil(group as never);
    const thrown = refusal(() => optimizer.step());
    expect(thrown?.code).toBe('ERR_OPTION');
    expect(thrown?.message).toMatch(new RegExp(`^optim\\.Adam: \`${name}\` must be `, 'u'));
    expect([...a.data, ...b.data]).toEqual(before);
    Object.assign(group, right);
    optimizer.step();
    expect([...a.data, ...b.data]).toEqual(expected());
  });

  test('because the gradient of the last parameter is gone', () => {
    const { a, b, optimizer } = ready();
    const before = [...a.data, ...b.data];
    const gone = Float64Array.of(0.5);
    b.grad = tensor(gone);
    structuredClone(gone, { transfer: [gone.buffer] });
    expect(refusal(() => optimizer.step())?.code).toMatch(/^ERR_/u);
    expect([...a.data, ...b.data]).toEqual(before);
    b.grad = tensor(Float64Array.of(0.5));
    optimizer.step();
    expect([...a.data, ...b.data]).toEqual(expected());
  });

  test('because weights are gone', () => {
    const mine = Float64Array.of(1, 2);
    const w = leaf(mine, Float64Array.of(1, 1));
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    optimizer.step();
    structuredClone(mine, { transfer: [mine.buffer] });
    expect(refusal(() => optimizer.step())?.code).toMatch(/^ERR_/u);
  });

  test('because weights and gradient were gone before the first step', () => {
    const [mine, grads] = [Float64Array.of(1, 2), Float64Array.of(1, 2)];
    const w = leaf(mine, grads);
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    structuredClone([mine, grads], { transfer: [mine.buffer, grads.buffer] });
    expect(refusal(() => optimizer.step())?.code).toMatch(/^ERR_/u);
  });

  test('because two parameters share memory', () => {
    const memory = Float64Array.of(1, 2, 3);
    const [a, b] = [
      leaf(memory.subarray(0, 2) as FloatArray, Float64Array.of(1, 1)),
      leaf(memory.subarray(1, 3) as FloatArray, Float64Array.of(1, 1)),
    ];
    expect(refusal(() => new optim.SGD([a, b], { lr: 1 }).step())?.code).toBe('ERR_ALIAS');
    expect([...memory]).toEqual([1, 2, 3]);
  });
});

test('data is the same array for a parameter’s life, and the user’s own array is what is updated', () => {
  const mine = Float32Array.of(1, 2);
  const w = leaf(mine, Float32Array.of(1, 1));
  const optimizer = new optim.Adam([w], { lr: 0.1, penalty: penalty.l1(0.1) });
  for (let step = 0; step < 3; step++) optimizer.step();
  expect(w.data).toBe(mine);
  expect(mine[0]).toBeLessThan(0.8);
});

test('a new gradient tensor at each step is read where it lies', () => {
  const w = leaf(Float64Array.of(0), Float64Array.of(1));
  const optimizer = new optim.SGD([w], { lr: 1 });
  for (const g of [1, 2, 4]) {
    w.grad = tensor(Float64Array.of(g));
    optimizer.step();
  }
  expect(w.item()).toBe(-7);
});

test('what native loops are told of a step is what step() returns', () => {
  manualSeed(8);
  const model = new nn.Sequential(new nn.Linear(5, 4), new nn.ReLU(), new nn.Linear(4, 3));
  const groups = optim.decayGroups(model, { penalty: penalty.elasticNet({ l1: 0.3, l2: 0.2 }) });
  const optimizer = new optim.AdamW(groups, { lr: 0.1 });
  const totals = new Float64Array(6);
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    nn.functional
      .crossEntropy(model.forward(randn([6, 5])), tensor(Int32Array.of(0, 1, 2, 0, 1, 2)))
      .backward();
    const seen = optimizer.step();
    optimizer.totals(totals);
    const [paid, grad, update, weight, exact, nearZeros] = totals;
    const norms = {
      gradNorm: Math.sqrt(grad!),
      updateNorm: Math.sqrt(update!),
      weightNorm: Math.sqrt(weight!),
    };
    expect(seen).toEqual({ penalty: paid, ...norms, zeros: exact, nearZeros });
  }
});
