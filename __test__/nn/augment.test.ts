import { compile, Generator, manualSeed, nn, rand, randint, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const F = nn.functional;
const [N, C, H, W] = [40, 2, 5, 6];
const images = (dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  rand([N, C, H, W], { dtype, generator: new Generator(1) });

/** Image i of a batch, as lists. */
function image(x: Tensor, i: number): number[][][] {
  const [, c, h, w] = x.shape as [number, number, number, number];
  const at = (k: number, r: number, s: number): number => x.data[((i * c + k) * h + r) * w + s]!;
  const lines = (k: number): number[][] =>
    Array.from({ length: h }, (_, r) => Array.from({ length: w }, (__, s) => at(k, r, s)));
  return Array.from({ length: c }, (_, k) => lines(k));
}

/** The pixel of `source` at this row and column; 0 outside. */
const pixel = (source: number[][], r: number, s: number): number => source[r]?.[s] ?? 0;

/** The offsets by which each image of y is a part of that of x. */
function offsets(x: Tensor, y: Tensor, from: number, to: number): string[] {
  return Array.from({ length: N }, (_, i) => {
    const [before, after] = [image(x, i), image(y, i)];
    for (let down = from; down <= to; down++) {
      for (let right = from; right <= to; right++) {
        const same = after.every((lines, k) =>
          lines.every((line, r) =>
            line.every((value, s) => value === pixel(before[k]!, r + down, s + right)),
          ),
        );
        if (same) return `${down},${right}`;
      }
    }
    throw new Error(`image ${i} is no part of what it was`);
  });
}

describe('flips', () => {
  test.each(['randomHorizontalFlip', 'randomVerticalFlip'] as const)(
    '%s mirrors about half of them',
    (name) => {
      const x = images();
      const y = F[name](x, 0.5, { generator: new Generator(2) });
      const turned = (lines: number[][]): number[][] =>
        name === 'randomHorizontalFlip' ? lines.map((line) => line.toReversed()) : lines.toReversed();
      let mirrored = 0;
      for (let i = 0; i < N; i++) {
        const [before, after] = [image(x, i), image(y, i)];
        if (JSON.stringify(after) === JSON.stringify(before)) continue;
        expect(after).toEqual(before.map(turned));
        mirrored++;
      }
      expect(mirrored).toBeGreaterThan(10);
      expect(mirrored).toBeLessThan(30);
    },
  );
});

test('a shift moves each image by its own whole number of pixels, all of them within the bound', () => {
  const found = new Set(
    offsets(images(), F.randomShift(images(), 1, { generator: new Generator(3) }), -1, 1),
  );
  expect(found.size).toBe(9);
});

test('a crop is a part of each image with its padding', () => {
  const y = F.randomCrop(images(), [4, 6], { padding: 1, generator: new Generator(4) });
  expect(y.shape).toEqual([N, C, 4, 6]);
  const found = offsets(images(), y, -1, 2);
  expect(new Set(found).size).toBeGreaterThan(8);
  expect(() => F.randomCrop(images(), 8, { padding: 1 })).toThrow(
    'randomCrop: `size` must be at most [7, 8], an image with its padding, got [8, 8]',
  );
});

describe('a rotation', () => {
  test('by no angle changes nothing', () => {
    const y = F.randomRotation(images(), 0);
    expect([...y.data]).toEqual([...images().data]);
  });

  test('is that of a plane: linear images stay linear, and turn by one angle each', () => {
    const size = 9;
    const ramp = Float64Array.from({ length: size * size }, (_, i) => (i % size) - 4);
    const x = tensor(ramp, { shape: [1, 1, size, size] });
    const y = image(F.randomRotation(x, 40, { generator: new Generator(5) }), 0)[0]!;
    const [sine, cosine] = [-(y[5]![4]! - y[4]![4]!), y[4]![5]! - y[4]![4]!];
    expect(sine ** 2 + cosine ** 2).toBeCloseTo(1, 12);
    expect(Math.abs(Math.asin(sine))).toBeLessThan((40 * Math.PI) / 180);
    for (const r of [3, 4, 5])
      for (const s of [3, 4, 5]) expect(y[r]![s]).toBeCloseTo(cosine * (s - 4) - sine * (r - 4), 12);
  });
});

test('erasing fills one square of each image, at every place that a center can have', () => {
  const y = F.randomErasing(images(), 3, { value: 7, generator: new Generator(6) });
  for (let i = 0; i < N; i++) {
    const places = image(y, i)[0]!.flatMap((line, r) =>
      line.flatMap((value, s) => (value === 7 ? [[r, s]] : [])),
    );
    const [rows, columns] = [places.map(([r]) => r!), places.map(([, s]) => s!)];
    const [height, width] = [rows, columns].map((list) => Math.max(...list) - Math.min(...list) + 1);
    expect(places.length).toBe(height! * width!);
    expect([2, 3]).toContain(height);
    expect([2, 3]).toContain(width);
  }
});

test('noise has the deviation that it is given', () => {
  const x = tensor(new Float64Array(20_000));
  const y = F.gaussianNoise(x, 0.3, { generator: new Generator(7) });
  expect(y.std().item()).toBeCloseTo(0.3, 2);
});

describe('as layers', () => {
  const layers = {
    RandomHorizontalFlip: () => new nn.RandomHorizontalFlip(0.5),
    RandomVerticalFlip: () => new nn.RandomVerticalFlip(0.5),
    RandomShift: () => new nn.RandomShift(2),
    RandomCrop: () => new nn.RandomCrop([H, W], { padding: 2 }),
    RandomRotation: () => new nn.RandomRotation(15),
    RandomErasing: () => new nn.RandomErasing(2, { value: 1 }),
    GaussianNoise: () => new nn.GaussianNoise(0.1),
  };

  test.each(Object.entries(layers))(
    '%s: out of training nothing; captured, the bits of eager',
    (_, build) => {
      for (const dtype of ['float32', 'float64'] as const) {
        const [layer, x] = [build(), images(dtype)];
        const step = (input: Tensor): Tensor => layer.forward(input);
        const captured = compile(step);
        const three = (call: typeof step): number[][] => {
          manualSeed(9);
          return [1, 2, 3].map(() => Array.from(call(x).data));
        };
        const eager = three(step);
        expect(three(captured)).toEqual(eager);
        expect(eager[0]).not.toEqual(eager[1]);
        layer.eval();
        expect(layer.forward(x)).toBe(x);
      }
    },
  );

  test('of wrong options or images say so', () => {
    expect(() => new nn.RandomShift(-1)).toThrow('nn.RandomShift: `most` must be');
    expect(() => new nn.RandomErasing(1.5)).toThrow('nn.RandomErasing: `size` must be');
    expect(() => F.randomShift(tensor([1]), 1)).toThrow(
      'randomShift: `x` must be images [n, channels, height, width], got [1]',
    );
  });
});

describe('randint', () => {
  test('gives whole numbers from low up to, not including, high, each as often', () => {
    const x = randint(-2, 3, [5000], { generator: new Generator(8) });
    expect(x.dtype).toBe('int32');
    for (const value of [-2, -1, 0, 1, 2]) {
      const count = [...x.data].filter((other) => other === value).length;
      expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(800));
    }
    expect(Math.min(...x.data)).toBe(-2);
    expect(Math.max(...x.data)).toBe(2);
  });

  test('over all of int32, and nothing beyond', () => {
    const x = [...randint(-(2 ** 31), 2 ** 31, [1000], { generator: new Generator(8) }).data];
    expect(Math.min(...x)).toBeLessThan(-2e9);
    expect(Math.max(...x)).toBeGreaterThan(2e9);
    expect(() => randint(3, 3, [1])).toThrow('randint: `high` must be a whole number from 4 to 2^31, got 3');
    expect(() => randint(0.5, 3, [1])).toThrow('randint: `low` must be');
  });
});
