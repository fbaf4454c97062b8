import * as fc from 'fast-check';
import { arange, compile, concat, manualSeed, randn, stack, tensor, type Tensor } from 'ridgeline';
import { expect, test } from 'vitest';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

/** What a tensor should look like: its shape, and which element of the first one lies at each place. */
interface Reference {
  readonly shape: readonly number[];
  at(index: readonly number[]): number;
}

/** A step of a chain of views: on a tensor, and on what it should look like. */
interface Step {
  readonly name: string;
  on(x: Tensor): Tensor;
  of(x: Reference): Reference;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** All indices of a shape, row by row. */
function* indices(shape: readonly number[]): Generator<number[]> {
  for (let i = 0; i < sizeOf(shape); i++) {
    const index: number[] = [];
    let rest = i;
    for (const length of shape.toReversed()) {
      index.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    yield index;
  }
}

const linear = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((at, i, axis) => at * shape[axis]! + i, 0);

const elements = (x: Reference): number[] => [...indices(x.shape)].map((index) => x.at(index));

function reshaped(x: Reference, shape: readonly number[]): Reference {
  const flat = elements(x);
  return { shape, at: (index) => flat[linear(index, shape)]! };
}

/** A step that fits a tensor of this shape, chosen by `n`. */
function stepFor(shape: readonly number[], n: number): Step {
  const rank = shape.length;
  const [axis, other] = [n % rank, Math.floor(n / 7) % rank];
  const length = shape[axis]!;
  const without = shape.toSpliced(axis, 1);
  const start = Math.floor(n / 3) % Math.max(length, 1);
  const stride = 1 + (Math.floor(n / 11) % 3);
  const kinds: readonly Step[] = [
    {
      name: `transpose ${axis} ${other}`,
      on: (x) => x.transpose(axis, other - rank),
      of: (x) => {
        const swap = (list: readonly number[]): number[] => {
          const copy = [...list];
          [copy[axis], copy[other]] = [copy[other]!, copy[axis]!];
          return copy;
        };
        return { shape: swap(x.shape), at: (index) => x.at(swap(index)) };
      },
    },
    {
      name: `slice ${axis} ${start} ${stride}`,
      on: (x) => x.slice(axis, start, undefined, stride),
      of: (x) => ({
        shape: x.shape.with(axis, Math.ceil((length - start) / stride)),
        at: (index) => x.at(index.with(axis, start + stride * index[axis]!)),
      }),
    },
    {
      name: `select ${axis} ${start}`,
      on: (x) => (rank > 1 ? x.select(axis, start - length) : x),
      of: (x) => (rank > 1 ? { shape: without, at: (index) => x.at(index.toSpliced(axis, 0, start)) } : x),
    },
    {
      name: `unsqueeze ${axis} and expand`,
      on: (x) => x.unsqueeze(axis).expand([...shape.slice(0, axis), 2, ...shape.slice(axis)]),
      of: (x) => ({
        shape: shape.toSpliced(axis, 0, 2),
        at: (index) => x.at(index.toSpliced(axis, 1)),
      }),
    },
    {
      name: 'squeeze',
      on: (x) => (shape.every((n1) => n1 === 1) ? x : x.squeeze()),
      of: (x) =>
        shape.every((n1) => n1 === 1)
          ? x
          : reshaped(
              x,
              shape.filter((n1) => n1 !== 1),
            ),
    },
    {
      name: 'flatten and reshape',
      on: (x) => x.flatten(axis, rank - 1),
      of: (x) => reshaped(x, [...shape.slice(0, axis), sizeOf(shape.slice(axis))]),
    },
    {
      name: 'reshape',
      on: (x) => x.reshape([...without, -1]),
      of: (x) => reshaped(x, [...without, length]),
    },
    {
      name: `flip ${axis}`,
      on: (x) => x.flip(axis),
      of: (x) => ({ shape, at: (index) => x.at(index.with(axis, length - 1 - index[axis]!)) }),
    },
    { name: 'contiguous', on: (x) => x.contiguous(), of: (x) => x },
  ];
  return kinds[Math.floor(n / 13) % kinds.length]!;
}

/** A chain of views that fit one another. */
function chainOf(shape: readonly number[], choices: readonly number[]): Step[] {
  const steps: Step[] = [];
  let x: Reference = { shape, at: () => 0 };
  for (const n of choices) {
    if (x.shape.length > 6 || sizeOf(x.shape) === 0) break;
    const step = stepFor(x.shape, n);
    steps.push(step);
    x = step.of(x);
  }
  return steps;
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const chains = fc.tuple(shapes, fc.array(fc.nat(100_000), { maxLength: 5 }));

test.each(['float32', 'float64', 'int32'] as const)(
  'chains of views of %s show what they should',
  (dtype) => {
    fc.assert(
      fc.property(chains, ([shape, choices]) => {
        const steps = chainOf(shape, choices);
        const start = arange(sizeOf(shape), undefined, 1, { dtype }).reshape(shape);
        const [x, reference] = steps.reduce<[Tensor, Reference]>(
          ([one, two], step) => [step.on(one), step.of(two)],
          [start, { shape, at: (index) => linear(index, shape) }],
        );
        expect(x.shape).toEqual(reference.shape);
        expect([...x.contiguous().data]).toEqual(elements(reference));
      }),
      { numRuns: 500 },
    );
  },
);

/** A scalar in which every element has a weight of its own. */
function weighted(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i + 1));
  return x.mul(tensor(weights, { shape: x.shape })).sum();
}

test('gradients go back through chains of views', () => {
  fc.assert(
    fc.property(chains, ([shape, choices]) => {
      const steps = chainOf(shape, choices);
      manualSeed(5);
      const x = randn(shape, { dtype: 'float64', requiresGrad: true });
      const end = (): Tensor => weighted(steps.reduce((y, step) => step.on(y).mul(1.5), x));
      expect(gradientError([x], end)).toBeLessThan(DIFFERENCE);
    }),
    { numRuns: 150 },
  );
});

const dataOf = (x: Tensor): Tensor['data'] => x.contiguous().data;

test('captured chains of views have the bits of eager ones', () => {
  fc.assert(
    fc.property(chains, fc.boolean(), ([shape, choices], ofArgument) => {
      const steps = chainOf(shape, choices);
      const view = (y: Tensor): Tensor => steps.reduce((z, step) => step.on(z), y);
      const run = (y: Tensor): Tensor[] => {
        const z = view(ofArgument ? y : y.mul(2));
        return [z, z.mul(z).sum(0)];
      };
      const captured = compile(run);
      for (let call = 1; call <= 5; call++) {
        const x = arange(call, call + sizeOf(shape)).reshape(shape);
        const [got, wanted] = [captured(x), run(x)];
        expect(got.map((y) => y.shape)).toEqual(wanted.map((y) => y.shape));
        expect(got.map(dataOf)).toEqual(wanted.map(dataOf));
      }
    }),
    { numRuns: 150 },
  );
});

test('arguments that are views run programs of their own', () => {
  const captured = compile((x: Tensor) => x.mul(2));
  const whole = arange(12).reshape([3, 4]);
  for (let call = 0; call < 5; call++) {
    for (const x of [
      whole,
      whole.transpose(0, 1),
      whole.slice(0, 1),
      whole.slice(0, 0, 2),
      whole.slice(1, 1, 3),
    ]) {
      expect([...captured(x).data]).toEqual([...x.mul(2).data]);
    }
  }
  expect(captured.explain().programs.length).toBe(5);
});

test('a view lies over the memory of its tensor', () => {
  const data = Float32Array.from({ length: 6 }, (_, i) => i);
  const x = tensor(data, { shape: [2, 3] });
  const row = x.select(0, 1);
  data[4] = 40;
  expect([...row.data]).toEqual([3, 40, 5]);
  expect(row.data.buffer).toBe(data.buffer);
  expect(x.transpose(0, 1).isContiguous).toBe(false);
  expect(() => x.transpose(0, 1).data).toThrow(/contiguous\(\)/);
});

test('concat and stack join along any axis, and gradients go back to each part', () => {
  manualSeed(2);
  const [a, b] = [
    [2, 3],
    [2, 1],
  ].map((shape) => randn(shape, { dtype: 'float64', requiresGrad: true }));
  expect(gradientError([a!, b!], () => weighted(concat([a!, b!.mul(2), a!], -1)))).toBeLessThan(DIFFERENCE);
  expect(gradientError([a!], () => weighted(stack([a!, a!.square()], 1)))).toBeLessThan(DIFFERENCE);
  const x = arange(4, undefined, 1, { dtype: 'int32' }).reshape([2, 2]);
  expect([...concat([x, x.transpose(0, 1)], 1).data]).toEqual([0, 1, 0, 2, 2, 3, 1, 3]);
  expect(() => concat([a!, b!], 0)).toThrow(/`tensors\[1\]` must be of shape \[2, 3\] but along axis 0/);
  expect(() => stack([])).toThrow(/list of tensors/);
});
