import { compile, nn, ones, randn, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { DIFFERENCE, gradientError } from '../oracle/differences.ts';

const F = nn.functional;

/** A scalar in which every element has a weight of its own, so that a gradient at a wrong place shows. */
function weighted(y: Tensor): Tensor {
  const weights = Float64Array.from({ length: y.size }, (_, i) => Math.sin(i + 1));
  return y.mul(tensor(weights, { shape: y.shape })).sum();
}

const leaf = (shape: readonly number[]): Tensor => randn(shape, { dtype: 'float64', requiresGrad: true });

const x = tensor([1, 2, 3, 4, 5]).reshape([1, 1, 5]);

describe('conv1d', () => {
  test('is the sum of the products of each window', () => {
    const weight = tensor([1, 0, -1]).reshape([1, 1, 3]);
    expect([...F.conv1d(x, weight).data]).toEqual([-2, -2, -2]);
    expect([...F.conv1d(x, weight, tensor([10]), { padding: 1, stride: 2 }).data]).toEqual([8, 8, 14]);
    expect([...F.conv1d(x, weight, null, { dilation: 2 }).data]).toEqual([-4]);
  });

  test('lets each group see its own channels', () => {
    const two = tensor([1, 2, 3, 10, 20, 30]).reshape([1, 2, 3]);
    expect([...F.conv1d(two, ones([2, 1, 2]), null, { groups: 2 }).data]).toEqual([3, 5, 30, 50]);
  });

  test('has the bits of the convolution of images with one row', () => {
    const [input, weight] = [randn([3, 4, 19]), randn([6, 4, 5])];
    const y = F.conv1d(input, weight, null, { stride: 2, padding: 3 });
    const plane = F.conv2d(input.reshape([3, 4, 1, 19]), weight.reshape([6, 4, 1, 5]), null, {
      stride: [1, 2],
      padding: [0, 3],
    });
    expect(y.shape).toEqual([3, 6, 11]);
    expect([...y.data]).toEqual([...plane.data]);
  });

  test.each([
    [2, 2, 1, 1, 1],
    [4, 6, 2, 2, 2],
    [2, 3, 1, 3, 1],
  ])('of %i to %i channels has the gradient of central differences', (c, o, groups, stride, dilation) => {
    const layer = new nn.Conv1d(c, o, 3, { groups, stride, dilation, padding: 1, dtype: 'float64' });
    const input = leaf([2, c, 9]);
    const inputs = [input, layer.weight, layer.bias!];
    expect(gradientError(inputs, () => weighted(layer.forward(input)))).toBeLessThan(DIFFERENCE);
  });
});

describe("padding 'same'", () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 3],
    [5, 2],
  ])('of %i taps, %i apart, gives as many as there are', (taps, dilation) => {
    const layer = new nn.Conv1d(1, 1, taps, { padding: 'same', dilation });
    expect(layer.forward(x).shape).toEqual([1, 1, 5]);
    const plane = new nn.Conv2d(1, 2, [taps, 3], { padding: 'same', dilation: [dilation, 1] });
    expect(plane.forward(ones([2, 1, 6, 7])).shape).toEqual([2, 2, 6, 7]);
  });

  test('puts the odd zero behind', () => {
    expect([...F.conv1d(x, ones([1, 1, 2]), null, { padding: 'same' }).data]).toEqual([3, 5, 7, 9, 5]);
    expect([...F.conv1d(x, ones([1, 1, 2]), null, { padding: 'valid' }).data]).toEqual([3, 5, 7, 9]);
  });
});

describe('convTranspose2d', () => {
  test('adds each element times the weights where windows of the result lie', () => {
    const image = tensor([1, 2, 3, 4]).reshape([1, 1, 2, 2]);
    const weight = tensor([1, 10, 100, 1000]).reshape([1, 1, 2, 2]);
    const y = F.convTranspose2d(image, weight);
    expect(y.shape).toEqual([1, 1, 3, 3]);
    expect([...y.data]).toEqual([1, 12, 20, 103, 1234, 2040, 300, 3400, 4000]);
    const apart = F.convTranspose2d(image, weight, tensor([5]), {
      stride: 2,
      padding: [1, 0],
      outputPadding: 1,
    });
    expect(apart.shape).toEqual([1, 1, 3, 5]);
    expect([...apart.data]).toEqual([105, 1005, 205, 2005, 5, 8, 35, 9, 45, 5, 305, 3005, 405, 4005, 5]);
  });

  test('is the gradient by input of the convolution', () => {
    const options = { stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2 } as const;
    const [input, weight] = [leaf([2, 4, 9, 8]), leaf([6, 2, 3, 2])];
    const y = F.conv2d(input, weight, null, options);
    const upstream = randn(y.shape, { dtype: 'float64' });
    y.mul(upstream).sum().backward();
    const back = F.convTranspose2d(upstream, weight.detach(), null, options);
    expect(back.shape).toEqual(input.shape);
    expect([...back.data]).toEqual([...input.grad!.data]);
  });

  test.each([
    [{}],
    [{ stride: 2, padding: 1, outputPadding: 1 }],
    [{ stride: [3, 1], dilation: [1, 2], groups: 2, bias: false }],
  ] as const)('with %o has the gradient of central differences, and captured the same bits', (options) => {
    const layer = new nn.ConvTranspose2d(2, 4, [3, 2], { ...options, dtype: 'float64' });
    const input = leaf([2, 2, 3, 4]);
    const inputs = [input, ...layer.parameters()];
    expect(gradientError(inputs, () => weighted(layer.forward(input)))).toBeLessThan(DIFFERENCE);
    const captured = compile((image: Tensor) => layer.forward(image));
    const eager = [...layer.forward(input.detach()).data];
    for (let call = 0; call < 3; call++) expect([...captured(input.detach()).data]).toEqual(eager);
  });

  test('of sequences is that of images with one row', () => {
    const layer = new nn.ConvTranspose1d(2, 3, 4, { stride: 2, padding: 1, dtype: 'float64' });
    expect(layer.weight.shape).toEqual([2, 3, 4]);
    const input = leaf([2, 2, 5]);
    expect(layer.forward(input).shape).toEqual([2, 3, 10]);
    const inputs = [input, layer.weight, layer.bias!];
    expect(gradientError(inputs, () => weighted(layer.forward(input)))).toBeLessThan(DIFFERENCE);
    expect([...F.convTranspose1d(x, ones([1, 1, 2])).data]).toEqual([1, 3, 5, 7, 9, 5]);
  });
});

test.each([
  [
    () => F.conv1d(ones([1, 2, 3, 4]), ones([1, 2, 3])),
    'conv1d: `x` must be [samples, channels, length], got [1, 2, 3, 4]',
  ],
  [
    () => F.conv1d(x, ones([2, 1, 7])),
    'conv1d: `weight` must be of windows that fit into sequences of [5], padding included, got [2, 1, 7]',
  ],
  [
    () => F.conv1d(x, ones([2, 3, 2])),
    'conv1d: `x` must be of 3 channels, for the weights are [2, 3, 2], got [1, 1, 5]',
  ],
  [
    () => new nn.Conv1d(1, 1, 3, { padding: 'some' } as never),
    "nn.Conv1d: `padding` must be a whole number >= 0, 'same' or 'valid', got the text 'some'",
  ],
  [
    () => new nn.Conv2d(1, 1, 3, { padding: 'same', stride: 2 }),
    "nn.Conv2d: `stride` must be 1 with padding 'same', got [2, 2]",
  ],
  [
    () => F.convTranspose2d(ones([1, 2, 3, 3]), ones([3, 2, 2, 2])),
    'convTranspose2d: `x` must be of 3 channels, for the weights are [3, 2, 2, 2], got [1, 2, 3, 3]',
  ],
  [
    () => F.convTranspose2d(ones([1, 2, 3, 3]), ones([2, 2, 2, 2]), ones([3])),
    'convTranspose2d: `bias` must be of shape [2], one number a channel, got [3]',
  ],
  [
    () => F.convTranspose2d(ones([1, 1, 1, 1]), ones([1, 1, 2, 2]), null, { padding: 1 }),
    'convTranspose2d: `x` must be of images whose result has at least one element a channel, and not [0, 0], got [1, 1, 1, 1]',
  ],
  [
    () => new nn.ConvTranspose1d(1, 1, 3, { stride: 2, outputPadding: 2 }),
    'nn.ConvTranspose1d: `outputPadding` must be less than `stride`, [2], got [2]',
  ],
  [
    () => new nn.ConvTranspose2d(2, 3, 3, { groups: 2 }),
    'nn.ConvTranspose2d: `groups` must be a divisor of inChannels and outChannels, 2 and 3, got 2',
  ],
])('%s is refused', (call, message) => {
  expect(refusal(call)?.message).toBe(message);
});
