import { inspect } from 'node:util';
import { full, nn, ones, rand, randn, tensor, zeros } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

test.each([new Float32Array(4), new Float64Array(4), new Int32Array(4), new Float32Array(8).subarray(2, 6)])(
  'a typed array is wrapped, not copied: %o',
  (array) => {
    const t = tensor(array, { shape: [2, 2] });
    expect(t.data).toBe(array);
    expect(t.shape).toEqual([2, 2]);
    expect(tensor(array).shape).toEqual([4]);
  },
);

test('lists become float32 unless told otherwise, of the shape of their nesting', () => {
  expect(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toMatchObject({ shape: [2, 3], dtype: 'float32', size: 6 });
  expect(tensor([1.5], { dtype: 'float64' }).data).toEqual(Float64Array.of(1.5));
  expect(tensor([1, 2], { dtype: 'int32' }).data).toEqual(Int32Array.of(1, 2));
  expect(tensor(3).shape).toEqual([]);
  expect(tensor(3).item()).toBe(3);
  expect(tensor([]).shape).toEqual([0]);
});

test('a shape that the caller changes later is not the tensor’s', () => {
  const shape = [2, 2];
  const t = tensor([1, 2, 3, 4], { shape });
  shape[0] = 7;
  expect(t.shape).toEqual([2, 2]);
});

test.each([
  ['ragged lists', () => tensor([[1, 2], [3]]), 'ERR_SHAPE', 'lists of equal lengths'],
  ['a number among lists', () => tensor([[1], 2]), 'ERR_SHAPE', 'lists of equal lengths'],
  ['a list among numbers', () => tensor([1, [2]]), 'ERR_SHAPE', 'lists of equal lengths'],
  [
    'a wrong shape',
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    'ERR_SHAPE',
    'a shape of 3 elements, got [2, 2]',
  ],
  ['a negative shape', () => tensor([1, 2], { shape: [-1, -2] }), 'ERR_SHAPE', 'a shape of 2 elements'],
  ['a fraction in a shape', () => tensor([1], { shape: [0.5, 2] }), 'ERR_SHAPE', 'a shape of 1 elements'],
  ['a text', () => tensor('1' as never), 'ERR_TYPE', 'nested lists'],
  ['nothing', () => tensor(undefined as never), 'ERR_TYPE', 'nested lists'],
  ['an Uint8Array', () => tensor(new Uint8Array(2) as never), 'ERR_TYPE', 'nested lists'],
  [
    'another precision than the array',
    () => tensor(new Float32Array(1), { dtype: 'float64' }),
    'ERR_TYPE',
    'Convert it first',
  ],
  [
    'a gradient of whole numbers',
    () => tensor(Int32Array.of(1), { requiresGrad: true }),
    'ERR_TYPE',
    'false for int32',
  ],
  [
    'an unknown option',
    () => tensor([1], { requireGrad: true } as never),
    'ERR_OPTION',
    'Did you mean requiresGrad?',
  ],
  ['an unknown precision', () => tensor([1], { dtype: 'float16' as never }), 'ERR_OPTION', 'float32'],
  ['texts in a list', () => tensor([['1', '2']] as never), 'ERR_', 'must be'],
  [
    'an unknown option of zeros',
    () => zeros([1], { dtyp: 'float64' } as never),
    'ERR_OPTION',
    'Did you mean dtype?',
  ],
  ['random whole numbers', () => rand([1], { dtype: 'int32' as never }), 'ERR_OPTION', 'float32'],
  ['zeros of a negative length', () => zeros([-1]), 'ERR_', '>= 0'],
  ['a generator that is none', () => rand([1], { generator: 5 as never }), 'ERR_', 'generator'],
] as const)('%s is refused', (_, call, code, message) => {
  const thrown = refusal(call);
  expect(thrown?.code).toContain(code);
  expect(thrown?.message).toContain(message);
});

test('zeros, ones and full hold their value, each in memory of its own', () => {
  const made = [zeros([2, 2]), ones([3]), full([3], 2.5, { dtype: 'float64' }), zeros([0])];
  expect(made.map(({ data }) => [...data])).toEqual([[0, 0, 0, 0], [1, 1, 1], [2.5, 2.5, 2.5], []]);
  made[0]!.data.fill(9);
  expect([...made[1]!.data]).toEqual([1, 1, 1]);
  expect([...zeros([2, 2]).data]).toEqual([0, 0, 0, 0]);
});

test('many small results do not share elements', () => {
  const tensors = Array.from({ length: 5000 }, (_, i) => full([1 + (i % 7)], i));
  for (const [i, t] of tensors.entries()) expect(t.data.every((x) => x === i)).toBe(true);
});

test('reshape and squeeze are over the same memory', () => {
  const t = tensor([1, 2, 3, 4, 5, 6]);
  expect(t.reshape([2, 3]).data).toBe(t.data);
  expect(t.reshape([-1, 2]).shape).toEqual([3, 2]);
  expect(t.reshape([1, 6, 1]).squeeze().shape).toEqual([6]);
  for (const shape of [[4], [-1, -1], [-1, 4], [2.5, -1], [0, -1]])
    expect(refusal(() => t.reshape(shape))?.code).toBe('ERR_SHAPE');
});

test.each([
  ['add', () => ones([2]).add(ones([3])), 'add: `other` must be of a shape that broadcasts with [2]'],
  [
    'mul',
    () => ones([2]).mul(ones([2], { dtype: 'float64' })),
    'mul: `other` must be of float32 as this tensor is, got float64',
  ],
  ['matmul', () => ones([2, 3]).matmul(ones([2, 3])), 'matmul: `other` must be a matrix of 3 rows'],
  ['matmul of a vector', () => ones([3]).matmul(ones([2, 1])), 'matmul: `other` must be a matrix of 3 rows'],
  ['item', () => ones([2]).item(), 'item: `this` must be a tensor of one element, got [2]'],
  ['Linear', () => new nn.Linear(3, 2).forward(ones([1, 4])), 'linear: `x` must be of shape [samples, 3]'],
  [
    'a label too large',
    () => nn.functional.crossEntropy(ones([1, 2]), tensor(Int32Array.of(2))),
    '`target[0]` must be a whole number from 0 to 1, got 2',
  ],
  [
    'a label below 0',
    () => nn.functional.crossEntropy(ones([1, 2]), tensor(Int32Array.of(-1))),
    '`target[0]` must be a whole number from 0 to 1, got -1',
  ],
  [
    'labels as floats',
    () => nn.functional.crossEntropy(ones([1, 2]), tensor([1])),
    '`target` must be a tensor of int32, got one of float32',
  ],
  [
    'too few labels',
    () => nn.functional.crossEntropy(ones([2, 2]), tensor(Int32Array.of(1))),
    '`target` must be of shape [2]',
  ],
] as const)('%s of what does not fit says so', (_, call, message) => {
  const thrown = refusal(call);
  expect(thrown?.code).toMatch(/^ERR_(?!INTERNAL)/u);
  expect(thrown?.message).toContain(message);
});

test('a loss over no classes is no bug of ours', () => {
  const code = refusal(() => nn.functional.crossEntropy(zeros([0, 0]), tensor(new Int32Array(0))))?.code;
  expect(code).not.toBe('ERR_INTERNAL');
});

describe('printing', () => {
  test('shows shape, element type, gradient and values', () => {
    expect(
      inspect(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toBe('Tensor([2, 2], float32) [ [ 1, 2 ], [ 3, 4 ] ]');
    expect(inspect(tensor(Float64Array.of(0.5), { requiresGrad: true }))).toBe(
      'Tensor([1], float64, requiresGrad) [ 0.5 ]',
    );
    expect(inspect(tensor(7))).toBe('Tensor([], float32) 7');
    expect(inspect({ t: tensor(Int32Array.of(1)) })).toBe('{ t: Tensor([1], int32) [ 1 ] }');
  });

  test('of a large tensor is short', () => {
    expect(inspect(zeros([1000, 1000])).length).toBeLessThan(100_000);
    expect(inspect(randn([2]))).toMatch(/^Tensor\(\[2\], float32\) \[ -?\d/u);
  });
});

test('labels can be given another shape, over the same memory', () => {
  const labels = tensor(Int32Array.of(1, 2, 3, 4));
  const square = labels.reshape([2, -1]);
  expect(square.shape).toEqual([2, 2]);
  expect(square.data).toBe(labels.data);
});
