import { Generator, manualSeed, nn, ones, randn, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const F = nn.functional;

describe('Tanh and Sigmoid', () => {
  test('have the values of their formulas, and gradients in terms of them', () => {
    const x = tensor([-2, 0, 0.5], { dtype: 'float64', requiresGrad: true });
    const tanh = new nn.Tanh().forward(x);
    [-2, 0, 0.5].forEach((value, i) => expect(tanh.data[i]).toBeCloseTo(Math.tanh(value), 15));
    tanh.sum().backward();
    expect([...x.grad!.data]).toEqual([...tanh.data].map((y) => 1 - y * y));
    const sigmoid = new nn.Sigmoid().forward(x);
    expect(sigmoid.data[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 15);
    expect(sigmoid.data[1]).toBe(0.5);
    expect(sigmoid.data[2]).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 15);
  });

  test.each(['float32', 'float64'] as const)('have their limits in %s', (dtype) => {
    const x = tensor([-Infinity, -1000, 1000, Infinity, Number.NaN, -0], { dtype });
    expect([...x.tanh().data]).toEqual([-1, -1, 1, 1, Number.NaN, -0]);
    expect([...x.sigmoid().data]).toEqual([0, 0, 1, 1, Number.NaN, 0.5]);
  });
});

describe('BCEWithLogitsLoss', () => {
  test('is the mean of −ln σ(x)·y − ln(1 − σ(x))·(1 − y)', () => {
    const [logits, truth] = [
      [0, 2, -3],
      [1, 0, 0.25],
    ];
    const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
    const terms = logits!.map((x, i) => {
      const y = truth![i]!;
      return -Math.log(sigma(x)) * y - Math.log(1 - sigma(x)) * (1 - y);
    });
    const exact = terms.reduce((sum, term) => sum + term, 0) / 3;
    const loss = F.binaryCrossEntropyWithLogits(
      tensor(logits!, { dtype: 'float64' }),
      tensor(truth!, { dtype: 'float64' }),
    );
    expect(loss.item()).toBeCloseTo(exact, 14);
  });

  test('neither overflows nor loses large logits', () => {
    const x = tensor([1000, -1000, 1000], { requiresGrad: true });
    const loss = new nn.BCEWithLogitsLoss().forward(x, tensor([1, 0, 0.25]));
    expect(loss.item()).toBe(250);
    loss.backward();
    expect([...x.grad!.data]).toEqual([0, 0, 0.25]);
  });

  test('refuses a target of another shape or type', () => {
    const loss = new nn.BCEWithLogitsLoss();
    expect(refusal(() => loss.forward(ones([3, 1]), ones([3])))).toEqual({
      code: 'ERR_SHAPE',
      message: 'binaryCrossEntropyWithLogits: `target` must be of shape [3, 1] as `input` is, got [3]',
    });
    expect(refusal(() => loss.forward(ones([3]), tensor(Int32Array.of(0, 1, 1))))).toEqual({
      code: 'ERR_TYPE',
      message:
        "binaryCrossEntropyWithLogits: `target` must be of float32 as `input` is, got int32. Convert it with to('float32').",
    });
    expect(refusal(() => loss.forward(ones([3]), ones([3], { dtype: 'float64' })))).toEqual({
      code: 'ERR_TYPE',
      message:
        "binaryCrossEntropyWithLogits: `target` must be of float32 as `input` is, got float64. Convert it with to('float32').",
    });
  });
});

describe('Dropout', () => {
  test('zeroes a share p and scales the rest; the gradient goes the same way', () => {
    const x = ones([100, 100], { requiresGrad: true });
    const y = F.dropout(x, 0.2, { generator: new Generator(1) });
    const zeros = [...y.data].filter((value) => value === 0).length;
    // Five standard errors of a share of 10,000.
    expect(Math.abs(zeros / 10_000 - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / 10_000));
    expect(new Set(y.data)).toEqual(new Set([0, Math.fround(1 / (1 - 0.2))]));
    y.sum().backward();
    expect([...x.grad!.data]).toEqual([...y.data]);
  });

  test('with p = 0 keeps everything, with p = 1 nothing', () => {
    const x = randn([50]);
    expect([...F.dropout(x, 0).data]).toEqual([...x.data]);
    expect([...F.dropout(x, 1).data].map((value) => value + 0)).toEqual(Array.from(x.data, () => 0));
  });

  test('repeats with its seed, and draws anew at each call', () => {
    const x = ones([64]);
    const draw = (generator: Generator): number[] => [...F.dropout(x, 0.5, { generator }).data];
    const generator = new Generator(9);
    const first = draw(generator);
    expect(draw(generator)).not.toEqual(first);
    expect(draw(new Generator(9))).toEqual(first);
    manualSeed(4);
    const common = [...new nn.Dropout().forward(x).data];
    manualSeed(4);
    expect([...new nn.Dropout().forward(x).data]).toEqual(common);
  });

  test('is the identity in evaluation', () => {
    const x = ones([8]);
    const layer = new nn.Dropout(0.9);
    expect(layer.eval().forward(x)).toBe(x);
    expect(F.dropout(x, 0.9, { training: false })).toBe(x);
  });

  test.each([
    [() => new nn.Dropout(1.5), 'nn.Dropout: `p` must be a number from 0 to 1, got 1.5'],
    [() => F.dropout(ones([2]), -0.1), 'dropout: `p` must be a number from 0 to 1, got -0.1'],
    [() => F.dropout(ones([2]), Number.NaN), 'dropout: `p` must be a number from 0 to 1, got NaN'],
    [
      () => new nn.Dropout(0.5, { generator: 3 as never }),
      'nn.Dropout: `generator` must be a Generator, got 3',
    ],
    [
      () => F.dropout(ones([2]), 0.5, { trainig: true } as never),
      'dropout: `trainig` must be an option that exists, got an unknown one. Did you mean training?',
    ],
  ])('%s is refused', (call, message) => {
    expect(refusal(call)?.message).toBe(message);
  });
});

describe('Flatten', () => {
  test('keeps samples, and the memory', () => {
    const x = randn([2, 3, 4]);
    const y = new nn.Flatten().forward(x);
    expect(y.shape).toEqual([2, 12]);
    expect(y.data).toBe(x.data);
    expect(F.flatten(ones([0, 3, 4])).shape).toEqual([0, 12]);
  });

  test('refuses what has no second axis', () => {
    expect(refusal(() => F.flatten(ones([3])))).toEqual({
      code: 'ERR_SHAPE',
      message: 'flatten: `x` must be a tensor of at least 2 axes, samples first, got [3]',
    });
  });
});

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
    expect([weight.shape, kernelSize, stride]).toEqual([[2, 1, 3, 5], [3, 5], [2, 2]]);
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
    const weights = tensor(Float32Array.from(y.data, (_, i) => Math.sin(i)), { shape: y.shape });
    y.mul(weights).sum().backward();
    const gradients = [x, ...convolution.parameters()].map(({ grad }) => [...grad!.data]);
    return [[...y.data], ...gradients];
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

describe('MaxPool2d', () => {
  test('gives the maximum of each window, and its gradient to the first of equals', () => {
    const x = tensor([1, 2, 5, 5, 4, 3, 5, 5, 0, 0, 0, 0, 0, 0, 0, 9], { requiresGrad: true });
    const y = new nn.MaxPool2d(2).forward(x.reshape([1, 1, 4, 4]));
    expect(y.shape).toEqual([1, 1, 2, 2]);
    expect([...y.data]).toEqual([4, 5, 0, 9]);
    y.mul(tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] }))
      .sum()
      .backward();
    expect([...x.grad!.data]).toEqual([0, 0, 2, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 4]);
  });

  test('leaves out what does not fill a window, lets windows overlap, and passes NaN on', () => {
    const x = tensor([1, 2, 3, 4, 5, Number.NaN, 7, 8, 9]).reshape([1, 1, 3, 3]);
    expect([...F.maxPool2d(x, 2).data]).toEqual([5]);
    expect([...F.maxPool2d(x, 2, { stride: 1 }).data]).toEqual([5, Number.NaN, 8, Number.NaN]);
  });

  test.each([
    [() => new nn.MaxPool2d(0), 'nn.MaxPool2d: `kernelSize` must be a whole number >= 1, got 0'],
    [
      () => F.maxPool2d(ones([1, 1, 4, 4]), 2, { stride: -1 }),
      'maxPool2d: `stride` must be a whole number >= 1, got -1',
    ],
    [
      () => F.maxPool2d(ones([1, 1, 2, 4]), 3),
      'maxPool2d: `x` must be of images of at least [3, 3], the size of a window, got [1, 1, 2, 4]',
    ],
    [
      () => F.maxPool2d(ones([4, 4]), 2),
      'maxPool2d: `x` must be [samples, channels, height, width], got [4, 4]',
    ],
  ])('%s is refused', (call, message) => {
    expect(refusal(call)?.message).toBe(message);
  });
});
