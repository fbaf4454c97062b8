import { Generator, nn, ones, randn, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const F = nn.functional;

describe('Conv2d', () => {
  test('is the sum of the products of each window', () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9]).reshape([1, 1, 3, 3]);
    const weight = tensor([1, 0, 0, -1, 2, 0, 1, 0]).reshape([2, 1, 2, 2]);
    const y = F.conv2d(x, weight, tensor([0, 100]));
    expect(y.shape).toEqual([1, 2, 2, 2]);
    expect([...y.data]).toEqual([-4, -4, -4, -4, 106, 109, 115, 118]);
  });

  test('pads with zeros, strides, and adds up channels', () => {
    const x = tensor([1, 2, 3, 4, 10, 20, 30, 40]).reshape([1, 2, 2, 2]);
    const y = F.conv2d(x, ones([1, 2, 3, 3]), undefined, { padding: 1 });
    expect([...y.data]).toEqual([110, 110, 110, 110]);
    const strided = F.conv2d(x, ones([1, 2, 1, 1]), null, { stride: 2 });
    expect([...strided.data]).toEqual([11]);
    const corners = F.conv2d(x, ones([1, 2, 2, 2]), null, { padding: 1, stride: 2 });
    expect([...corners.data]).toEqual([11, 22, 33, 44]);
  });

  test('takes windows, strides, paddings and dilations of rows and columns apart', () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).reshape([1, 1, 3, 4]);
    const wide = F.conv2d(x, ones([1, 1, 1, 3]), null, { padding: [0, 1] });
    expect([...wide.data]).toEqual([3, 6, 9, 7, 11, 18, 21, 15, 19, 30, 33, 23]);
    const strided = F.conv2d(x, ones([1, 1, 2, 1]), null, { stride: [1, 3] });
    expect(strided.shape).toEqual([1, 1, 2, 2]);
    expect([...strided.data]).toEqual([6, 12, 14, 20]);
    const apart = F.conv2d(x, ones([1, 1, 2, 2]), null, { dilation: [2, 3] });
    expect([...apart.data]).toEqual([1 + 4 + 9 + 12]);
    const { weight, kernelSize, stride } = new nn.Conv2d(1, 2, [3, 5], { stride: 2 });
    expect([weight.shape, kernelSize, stride]).toEqual([
      [2, 1, 3, 5],
      [3, 5],
      [2, 2],
    ]);
  });

  test('lets each group see its own channels', () => {
    const x = tensor([1, 2, 3, 4, 10, 20, 30, 40]).reshape([1, 2, 2, 2]);
    const weight = tensor([1, 1, 1, 1, 1, 0, 0, 2]).reshape([2, 1, 2, 2]);
    expect([...F.conv2d(x, weight, tensor([0, 1]), { groups: 2 }).data]).toEqual([10, 91]);
    const depthwise = new nn.Conv2d(6, 12, 3, { groups: 6 });
    expect(depthwise.weight.shape).toEqual([12, 1, 3, 3]);
    expect(Math.max(...[...depthwise.weight.data].map(Math.abs))).toBeGreaterThan(0.3);
  });

  test('draws its numbers within ±1/√(channels·windows)', () => {
    const layer = new nn.Conv2d(4, 8, 5, { generator: new Generator(2) });
    const all = [...layer.weight.data, ...layer.bias!.data].map(Math.abs);
    expect(Math.max(...all)).toBeLessThanOrEqual(0.1);
    expect(Math.max(...all)).toBeGreaterThan(0.099);
    expect(layer.weight.shape).toEqual([8, 4, 5, 5]);
    expect(new nn.Conv2d(1, 1, 1, { bias: false }).bias).toBeNull();
    expect(layer.describeParameters().map(({ kind }) => kind)).toEqual(['weight', 'bias']);
  });

  test('of no samples gives none', () => {
    const layer = new nn.Conv2d(1, 2, 3);
    const y = layer.forward(ones([0, 1, 5, 5]));
    expect(y.shape).toEqual([0, 2, 3, 3]);
    y.sum().backward();
    expect([...layer.weight.grad!.data]).toEqual(Array.from(layer.weight.data, () => 0));
  });

  const x = ones([2, 3, 4, 4]);
  const weight = ones([5, 3, 3, 3]);
  test.each([
    [
      () => F.conv2d(ones([3, 4, 4]), weight),
      'conv2d: `x` must be [samples, channels, height, width], got [3, 4, 4]',
    ],
    [
      () => F.conv2d(x, ones([3, 3])),
      'conv2d: `weight` must be [outChannels, channels, height, width], got [3, 3]',
    ],
    [
      () => F.conv2d(ones([2, 1, 4, 4]), weight),
      'conv2d: `x` must be of 3 channels, for the weights are [5, 3, 3, 3], got [2, 1, 4, 4]',
    ],
    [
      () => F.conv2d(x, ones([1, 3, 7, 7]), null, { padding: 1 }),
      'conv2d: `weight` must be of windows that fit into images of [6, 6], padding included, got [1, 3, 7, 7]',
    ],
    [
      () => F.conv2d(x, weight, ones([3])),
      'conv2d: `bias` must be of shape [5], one number a channel, got [3]',
    ],
    [
      () => F.conv2d(x, ones([5, 3, 3, 3], { dtype: 'float64' })),
      'conv2d: `weight` must be of float32, got float64. Both must have one precision.',
    ],
    [() => F.conv2d(x, weight, null, { stride: 0 }), 'conv2d: `stride` must be a whole number >= 1, got 0'],
    [
      () => F.conv2d(x, weight, null, { padding: 0.5 }),
      'conv2d: `padding` must be a whole number >= 0, got 0.5',
    ],
    [
      () => F.conv2d(x, weight, null, { stride: [1, 0] }),
      'conv2d: `stride[1]` must be a whole number >= 1, got 0',
    ],
    [
      () => F.conv2d(x, weight, null, { padding: [1, 2, 3] as never }),
      'conv2d: `padding` must be a whole number >= 0, or two of them, [rows, columns], got 3 of them',
    ],
    [
      () => F.conv2d(x, weight, null, { dilation: 2 }),
      'conv2d: `weight` must be of windows that fit into images of [4, 4], padding included, got [5, 3, 3, 3]',
    ],
    [
      () => F.conv2d(x, weight, null, { groups: 2 }),
      'conv2d: `x` must be of 6 channels, for the weights are [5, 3, 3, 3] and there are 2 groups, got [2, 3, 4, 4]',
    ],
    [
      () => F.conv2d(x, ones([5, 1, 3, 3]), null, { groups: 3 }),
      'conv2d: `weight` must be of outChannels that 3 groups divide, got [5, 1, 3, 3]',
    ],
    [
      () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
      'nn.Conv2d: `groups` must be a divisor of inChannels and outChannels, 4 and 6, got 4',
    ],
    [() => new nn.Conv2d(0, 1, 1), 'nn.Conv2d: `inChannels` must be a whole number >= 1, got 0'],
    [() => new nn.Conv2d(1, 1, -3), 'nn.Conv2d: `kernelSize` must be a whole number >= 1, got -3'],
    [
      () => new nn.Conv2d(1, 1, 1, { paddin: 1 } as never),
      'nn.Conv2d: `paddin` must be an option that exists, got an unknown one. Did you mean padding?',
    ],
  ])('%s is refused', (call, message) => {
    expect(refusal(call)?.message).toBe(message);
  });
});

describe('Conv2d, ReLU and MaxPool2d in a row', () => {
  /** Output and gradients of a convolution, ReLU or none, and max pooling. */
  function results(together: boolean, rectified: boolean, options: nn.Conv2dLayerOptions): number[][] {
    const generator = new Generator(3);
    const convolution = new nn.Conv2d(4, 6, 3, { ...options, generator });
    const layers = [convolution, ...(rectified ? [new nn.ReLU()] : []), new nn.MaxPool2d(2)];
    const x = randn([3, 4, 9, 10], { generator, requiresGrad: true });
    const model = new nn.Sequential(...layers);
    const y = together ? model.forward(x) : layers.reduce((out, layer) => layer.forward(out), x);
    const weights = tensor(
      Float32Array.from(y.data, (_, i) => Math.sin(i)),
      { shape: y.shape },
    );
    y.mul(weights).sum().backward();
    const gradients = [x, ...convolution.parameters()].map(({ grad }) => Array.from(grad!.data));
    return [Array.from(y.data), ...gradients];
  }

  test.each([
    { rectified: true, options: { padding: 1 } },
    { rectified: true, options: { padding: 1, stride: 2, bias: false } },
    { rectified: false, options: { groups: 2, dilation: [1, 2] as const } },
  ])('have the bits of each after the other: %o', ({ rectified, options }) => {
    const [together, apart] = [true, false].map((all) => results(all, rectified, options));
    expect(together!.slice(0, 3)).toEqual(apart!.slice(0, 3));
    for (const [i, bias] of (together![3] ?? []).entries()) expect(bias).toBeCloseTo(apart![3]![i]!, 4);
    expect(Math.max(...together!.slice(1, 3).flat())).toBeGreaterThan(0);
  });

  test('leave a class made of a layer to itself', () => {
    class Doubled extends nn.ReLU {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
    }
    const [convolution, pool] = [new nn.Conv2d(1, 2, 3), new nn.MaxPool2d(2)];
    const x = ones([1, 1, 6, 6]);
    const expected = new nn.Sequential(convolution, new nn.ReLU(), pool).forward(x).mul(2);
    expect([...new nn.Sequential(convolution, new Doubled(), pool).forward(x).data]).toEqual([
      ...expected.data,
    ]);
  });

  test('say what does not fit as each of them does', () => {
    const model = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.MaxPool2d(3));
    expect(refusal(() => model.forward(ones([1, 1, 4, 4])))?.message).toBe(
      'maxPool2d: `x` must be of images of at least [3, 3], the size of a window, got [1, 2, 2, 2]',
    );
    expect(refusal(() => model.forward(ones([1, 2, 8, 8])))?.message).toBe(
      'conv2d: `x` must be of 1 channels, for the weights are [2, 1, 3, 3], got [1, 2, 8, 8]',
    );
  });
});
