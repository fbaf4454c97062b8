import { compile, Generator, manualSeed, nn, tensor, zeros, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { sameBits } from '../oracle/draw.ts';

const { init } = nn;
const dtypes = ['float32', 'float64'] as const;

const mean = (x: Tensor): number => [...x.data].reduce((sum, value) => sum + value, 0) / x.size;

function deviation(x: Tensor): number {
  const centre = mean(x);
  return Math.sqrt([...x.data].reduce((sum, value) => sum + (value - centre) ** 2, 0) / x.size);
}

/** Σxy of two rows of a matrix. */
function product(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]!.reduce((sum, x, k) => sum + x * rows[j]![k]!, 0);
}

/** The rows of the shorter way through a matrix. */
function shortRows(x: Tensor): number[][] {
  const rows = x.shape[0]!;
  const columns = x.size / rows;
  const at = (i: number, k: number): number => x.data[rows <= columns ? i * columns + k : k * columns + i]!;
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  return Array.from({ length: count }, (_, i) => Array.from({ length }, (_row, k) => at(i, k)));
}

describe.each(dtypes)('in %s', (dtype) => {
  /** Of a convolution: 80·9 inputs an output, 120·9 outputs an input; 86,400 numbers. */
  const kernel = (): Tensor => zeros([120, 80, 3, 3], { dtype });
  const [fanIn, fanOut] = [720, 1080];

  describe.each([
    ['uniform', (x: Tensor) => init.uniform(x, { a: -2, b: 4 }), 1, Math.sqrt(3), [-2, 4]],
    ['uniform, by default', (x: Tensor) => init.uniform(x), 0.5, Math.sqrt(1 / 12), [0, 1]],
    ['normal', (x: Tensor) => init.normal(x, { mean: 3, std: 0.2 }), 3, 0.2, undefined],
    ['normal, by default', (x: Tensor) => init.normal(x), 0, 1, undefined],
    [
      'xavierUniform',
      (x: Tensor) => init.xavierUniform(x, { gain: 5 / 3 }),
      0,
      (5 / 3) * Math.sqrt(2 / (fanIn + fanOut)),
      [-(5 / 3) * Math.sqrt(6 / (fanIn + fanOut)), (5 / 3) * Math.sqrt(6 / (fanIn + fanOut))],
    ],
    ['xavierNormal', (x: Tensor) => init.xavierNormal(x), 0, Math.sqrt(2 / (fanIn + fanOut)), undefined],
    [
      'kaimingUniform',
      (x: Tensor) => init.kaimingUniform(x, { a: Math.sqrt(5) }),
      0,
      Math.sqrt(1 / 3 / fanIn),
      [-Math.sqrt(1 / fanIn), Math.sqrt(1 / fanIn)],
    ],
    [
      'kaimingNormal',
      (x: Tensor) => init.kaimingNormal(x, { mode: 'fanOut', nonlinearity: 'relu' }),
      0,
      Math.sqrt(2 / fanOut),
      undefined,
    ],
    ['kaimingNormal, by default', (x: Tensor) => init.kaimingNormal(x), 0, Math.sqrt(2 / fanIn), undefined],
    // Mean and deviation of truncated normal distributions: SciPy's truncnorm.
    ['truncNormal, by default', (x: Tensor) => init.truncNormal(x), 0, 0.879_625_661_034_239_8, [-2, 2]],
    [
      'truncNormal, narrow',
      (x: Tensor) => init.truncNormal(x, { a: -0.5, b: 1 }),
      ...moments(-0.5, 1),
      [-0.5, 1],
    ],
    ['truncNormal, far out', (x: Tensor) => init.truncNormal(x, { a: 6, b: 9 }), ...moments(6, 9), [6, 9]],
    [
      'truncNormal, far out on the other side',
      (x: Tensor) => init.truncNormal(x, { mean: 1, std: 0.1, a: 0, b: 0.7 }),
      ...moments(0, 0.7, 1, 0.1),
      [0, 0.7],
    ],
  ] as const)('%s', (_name, fill, expectedMean, expectedDeviation, bounds) => {
    test('has its mean, its deviation and its bounds', () => {
      manualSeed(1);
      const x = kernel();
      expect(fill(x)).toBe(x);
      // Five standard errors.
      expect(Math.abs(mean(x) - expectedMean)).toBeLessThan((5 * expectedDeviation) / Math.sqrt(x.size));
      expect(Math.abs(deviation(x) / expectedDeviation - 1)).toBeLessThan(0.02);
      const [low, high] = bounds ?? [-Infinity, Infinity];
      expect(x.data.every((value) => value >= Math.fround(low) && value <= Math.fround(high) + 1e-12)).toBe(
        true,
      );
    });

    test('is the same from the same seed', () => {
      const [one, other, third] = [kernel(), kernel(), kernel()];
      manualSeed(5);
      fill(one);
      manualSeed(5);
      fill(other);
      fill(third);
      expect(sameBits(one.data, other.data)).toBe(true);
      expect(sameBits(one.data, third.data)).toBe(false);
    });
  });

  test.each([[[6, 15]], [[15, 6]], [[8, 8]], [[4, 3, 2, 2]], [[1, 5]]])(
    'orthogonal %o has orthogonal rows or columns of one length',
    (shape) => {
      const x = init.orthogonal(zeros(shape, { dtype }), { gain: 2, generator: new Generator(3) });
      const rows = shortRows(x);
      rows.forEach((_, i) => {
        rows.forEach((_row, j) => {
          expect(Math.abs(product(rows, i, j) - (i === j ? 4 : 0))).toBeLessThan(
            dtype === 'float64' ? 1e-13 : 1e-6,
          );
        });
      });
    },
  );

  test('sparse leaves as many zeros in each column as it says', () => {
    const x = init.sparse(zeros([50, 40], { dtype }), {
      sparsity: 0.31,
      std: 2,
      generator: new Generator(3),
    });
    const columns = Array.from({ length: 40 }, (_, c) =>
      Array.from({ length: 50 }, (_r, r) => x.data[r * 40 + c]!),
    );
    expect(columns.map((column) => column.filter((value) => value === 0).length)).toEqual(
      columns.map(() => 16),
    );
    const others = tensor(Float64Array.from(x.data).filter((value) => value !== 0));
    expect(Math.abs(deviation(others) / 2 - 1)).toBeLessThan(0.1);
    expect(new Set(columns.map((column) => column.indexOf(0))).size).toBeGreaterThan(2);
  });

  test('constants, ones, zeros and the identity', () => {
    const x = zeros([2, 3], { dtype });
    expect([...init.constant(x, 2.5).data]).toEqual([2.5, 2.5, 2.5, 2.5, 2.5, 2.5]);
    expect([...init.ones(x).data]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...init.eye(x).data]).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...init.zeros(x).data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('dirac passes channels on as they are', () => {
    const x = init.dirac(zeros([3, 2, 3], { dtype }));
    expect([...x.data]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    const grouped = init.dirac(zeros([4, 2, 1], { dtype }), { groups: 2 });
    expect([...grouped.data]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
    const image = tensor(Float64Array.from({ length: 32 }, Math.sin), { shape: [1, 2, 4, 4] }).to(dtype);
    const weight = init.dirac(zeros([2, 2, 3, 3], { dtype }));
    const same = nn.functional.conv2d(image, weight, undefined, { padding: 1 });
    expect(same.data).toEqual(image.data);
  });
});

/** Mean and deviation of a truncated normal distribution, by Simpson's rule. */
function moments(a: number, b: number, centre = 0, std = 1): readonly [number, number] {
  const steps = 20_000;
  const peak = Math.min(Math.max(centre, a), b);
  let [mass, first, second] = [0, 0, 0];
  for (let i = 0; i <= steps; i++) {
    const x = a + ((b - a) * i) / steps;
    const share = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    const density = share * Math.exp(((peak - centre) ** 2 - (x - centre) ** 2) / (2 * std ** 2));
    mass += density;
    first += density * x;
    second += density * x * x;
  }
  return [first / mass, Math.sqrt(second / mass - (first / mass) ** 2)];
}

test.each([
  ['linear', 1],
  ['conv2d', 1],
  ['sigmoid', 1],
  ['tanh', 5 / 3],
  ['relu', Math.SQRT2],
  ['leakyRelu', Math.sqrt(2 / (1 + 0.01 ** 2))],
  ['selu', 0.75],
] as const)('the gain of %s is %d', (nonlinearity, gain) => {
  expect(init.calculateGain(nonlinearity)).toBe(gain);
});

test('the gain of a leaky ReLU depends on its slope', () => {
  expect(init.calculateGain('leakyRelu', 0.3)).toBe(Math.sqrt(2 / 1.09));
});

test('a parameter keeps its memory, and a graph that it is in notices', () => {
  const layer = new nn.Linear(4, 3);
  const { data } = layer.weight;
  const loss = layer
    .forward(tensor(new Float32Array(8).fill(1), { shape: [2, 4] }))
    .square()
    .sum();
  init.kaimingNormal(layer.weight);
  expect(layer.weight.data).toBe(data);
  expect(refusal(() => loss.backward())?.code).toBe('ERR_STATE');
});

describe('what cannot be is refused, and changes nothing', () => {
  const x = zeros([2, 3]);
  test.each([
    [() => init.uniform(x, { a: 1, b: 0 }), 'init.uniform: `b` must be at least a, 1, got 0'],
    [() => init.normal(x, { std: -1 }), 'init.normal: `std` must be a finite number >= 0, got -1'],
    [() => init.xavierNormal(zeros([3])), 'init.xavierNormal: `tensor` must be of 2 or more axes, got [3]'],
    [() => init.eye(zeros([2, 2, 2])), 'init.eye: `tensor` must be of 2 axes, got [2, 2, 2]'],
    [() => init.dirac(x), 'init.dirac: `tensor` must be of 3 to 5 axes, got [2, 3]'],
    [
      () => init.dirac(zeros([3, 1, 1]), { groups: 2 }),
      'init.dirac: `groups` must be a divisor of 3 outputs, got 2',
    ],
    [() => init.sparse(x, { sparsity: 2 }), 'init.sparse: `sparsity` must be a number from 0 to 1, got 2'],
    [
      () => init.kaimingNormal(x, { mode: 'fan_in' as 'fanIn' }),
      "init.kaimingNormal: `mode` must be one of fanIn, fanOut, got the text 'fan_in'. Did you mean fanIn?",
    ],
    [
      () => init.calculateGain('gelu' as 'relu'),
      "init.calculateGain: `nonlinearity` must be one of linear, conv1d, conv2d, conv3d, sigmoid, tanh, relu, leakyRelu, selu, got the text 'gelu'",
    ],
    [
      () => init.zeros(x.transpose(0, 1)),
      'init.zeros: `tensor` must be a tensor over memory of its own, got a view',
    ],
  ])('%#', (call, message) => {
    expect(refusal(call)?.message).toContain(message);
    expect([...x.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('inside of a captured function', () => {
    const captured = compile((y: Tensor) => {
      init.normal(x);
      return y.mul(2);
    });
    expect(refusal(() => captured(zeros([1])))?.code).toBe('ERR_CAPTURE');
  });
});
