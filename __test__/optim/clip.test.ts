import { compile, nn, optim, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw, sameBits } from '../oracle/draw.ts';

const { clipGradNorm, clipGradValue } = optim;

/** Leaves with these gradients. */
function withGradients(...gradients: readonly (Float32Array | Float64Array)[]): Tensor[] {
  return gradients.map((gradient) => {
    const leaf = tensor(gradient.slice(), { requiresGrad: true });
    leaf.grad = tensor(gradient.slice());
    return leaf;
  });
}

const gradients = (leaves: readonly Tensor[]): (readonly number[])[] =>
  leaves.map(({ grad }) => [...grad!.data]);

function norm(numbers: readonly number[], p: number): number {
  const sizes = numbers.map(Math.abs);
  return p === Infinity ? Math.max(...sizes) : sizes.reduce((sum, x) => sum + x ** p, 0) ** (1 / p);
}

describe.each([1, 2, 0.5, 3, Infinity])('the %d-norm of all gradients together', (normType) => {
  test('is returned, and brought to the bound', () => {
    const given = [draw('float64', 300, 1), draw('float64', 7, 2)];
    const leaves = withGradients(...given);
    const before = norm(
      given.flatMap((gradient) => [...gradient]),
      normType,
    );
    const most = before / 3;
    expect(clipGradNorm(leaves, most, { normType }).item()).toBeCloseTo(before, 9);
    const factor = most / (before + 1e-6);
    gradients(leaves).forEach((clipped, i) => {
      clipped.forEach((value, j) => expect(value).toBeCloseTo(given[i]![j]! * factor, 12));
    });
  });

  test('leaves shorter ones as they are', () => {
    const given = draw('float32', 20, 3);
    const leaves = withGradients(given);
    clipGradNorm(leaves, 1e6, { normType });
    expect(sameBits(leaves[0]!.grad!.data as Float32Array, given)).toBe(true);
  });
});

test('a case by hand: the largest of 1, −3 and 2 is brought to 1.5', () => {
  const leaves = withGradients(Float64Array.of(1, -3), Float64Array.of(2));
  expect(clipGradNorm(leaves, 1.5, { normType: Infinity }).item()).toBe(3);
  const factor = 1.5 / (3 + 1e-6);
  expect(gradients(leaves)).toEqual([[factor, -3 * factor], [2 * factor]]);
});

test('elements are brought within the bound, and NaN stays', () => {
  const leaves = withGradients(Float32Array.of(1, -3, 0.25), Float32Array.of(NaN, Infinity, -Infinity));
  clipGradValue(leaves, 0.5);
  expect(gradients(leaves)).toEqual([
    [0.5, -0.5, 0.25],
    [NaN, 0.5, -0.5],
  ]);
});

test('parameters without a gradient are left out', () => {
  const leaf = tensor(Float32Array.of(1), { requiresGrad: true });
  clipGradValue([leaf], 1);
  expect(clipGradNorm([leaf], 1, { normType: 1 }).item()).toBe(0);
  expect(leaf.grad).toBeNull();
});

test.each([
  ['by a norm', (params: readonly Tensor[]): unknown => clipGradNorm(params, 0.1, { normType: 1 })],
  ['by value', (params: readonly Tensor[]): unknown => clipGradValue(params, 0.01)],
])('clipped %s, a captured step has the bits of the one as written', (_name, clip) => {
  const run = (
    wrap: (step: (x: Tensor, y: Tensor) => Tensor) => (x: Tensor, y: Tensor) => Tensor,
  ): unknown => {
    const weights = tensor(draw('float32', 12, 4), { shape: [4, 3], requiresGrad: true });
    const sgd = new optim.SGD([weights], { lr: 0.5, momentum: 0.9 });
    const step = wrap((x, y) => {
      sgd.zeroGrad();
      const loss = nn.functional.mseLoss(x.matmul(weights), y);
      loss.backward();
      clip([weights]);
      sgd.step();
      return loss;
    });
    const x = tensor(draw('float32', 20, 5), { shape: [5, 4] });
    const y = tensor(draw('float32', 15, 6), { shape: [5, 3] });
    const losses = Array.from({ length: 5 }, () => step(x, y).item());
    return [losses, [...weights.data]];
  };
  expect(run(compile)).toEqual(run((step) => step));
});

test.each([
  [() => clipGradNorm([], -1), 'optim.clipGradNorm: `maxNorm` must be a finite number >= 0, got -1'],
  [
    () => clipGradNorm([], 1, { normType: 0 }),
    'optim.clipGradNorm: `normType` must be a finite number > 0, got 0',
  ],
  [() => clipGradValue([], NaN), 'optim.clipGradValue: `clipValue` must be a finite number >= 0, got NaN'],
])('says what is wrong (%#)', (call, message) => {
  expect(refusal(call)).toEqual({ code: 'ERR_OPTION', message });
});
