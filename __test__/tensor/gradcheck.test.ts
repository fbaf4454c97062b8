import { gradcheck, RidgelineError, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const leaf = (numbers: readonly number[], shape = [numbers.length]): Tensor =>
  tensor(Float64Array.from(numbers), { shape, requiresGrad: true });

describe('gradcheck', () => {
  test('answers true for right gradients, of several results by several inputs', () => {
    const [x, w] = [leaf([0.5, -1, 2, 0.25], [2, 2]), leaf([1, 2, -1], [1, 3])];
    const y = tensor(Float64Array.of(2, 3), { shape: [2, 1] }); // requires none
    expect(gradcheck((a, b, c) => [c.matmul(b).tanh(), a.exp().mul(a), a.sum()], [x, w, y])).toBe(true);
    expect(gradcheck((a) => a, [x])).toBe(true);
  });

  test('puts numbers and gradients back', () => {
    const x = leaf([0.5, -1]);
    const before = leaf([7, 8]).detach();
    x.grad = before;
    gradcheck((a) => a.sin(), [x]);
    expect([...x.data]).toEqual([0.5, -1]);
    expect(x.grad).toBe(before);
  });

  // A gradient that is wrong in one place: what detach() hides is none.
  const wrong = (x: Tensor): Tensor => x.mul(x.detach());

  test('names result and input where a gradient is wrong', () => {
    const x = leaf([1, 0, 3], [1, 3]);
    expect(() => gradcheck((a) => [a.mul(2), wrong(a)], [x])).toThrow(RidgelineError);
    expect(() => gradcheck((a) => [a.mul(2), wrong(a)], [x])).toThrow(
      /^gradcheck: the gradient of result 1 at \[0, 0\] by input 0 at \[0, 0\] is 1 by backward\(\) and (2|1\.99|2\.00)/,
    );
    const second = leaf([1, 2]);
    expect(() => gradcheck((_, b) => wrong(b), [x, second])).toThrow(/by input 1 at \[0\]/);
    expect(x.grad).toBeNull();
  });

  test('answers false where it must not throw', () => {
    expect(gradcheck(wrong, [leaf([1])], { raiseException: false })).toBe(false);
  });

  test('a gradient that is NaN is wrong, and tolerances are those that are asked for', () => {
    expect(gradcheck((x) => x.sqrt(), [leaf([-1])], { raiseException: false })).toBe(false);
    expect(gradcheck(wrong, [leaf([1])], { atol: 1.1 })).toBe(true);
    expect(gradcheck(wrong, [leaf([1])], { rtol: 0.51 })).toBe(true);
    expect(gradcheck((x) => x.pow(3), [leaf([1])], { eps: 0.1, raiseException: false })).toBe(false);
  });

  test.each([
    [
      () => gradcheck((x) => x, [tensor([1], { requiresGrad: true })]),
      'gradcheck: `inputs[0]` must be a float64 leaf, got one of float32',
    ],
    [
      () => gradcheck((x) => x, [leaf([1]).mul(2)]),
      'gradcheck: `inputs[0]` must be a float64 leaf, got the result of an operation',
    ],
    [
      () => gradcheck((x) => x, [leaf([1]).detach()]),
      'gradcheck: `inputs` must be tensors of which one requires a gradient, got 1 without',
    ],
    [() => gradcheck((x) => x, [leaf([1])], { eps: 0 }), 'gradcheck: `eps` must be a number > 0, got 0'],
    [
      () => gradcheck((x) => x, [leaf([1])], { rtoll: 1 } as object),
      'gradcheck: `rtoll` must be an option that exists, got an unknown one. Did you mean rtol?',
    ],
  ])('%o', (call, message) => {
    expect(call).toThrow(message);
  });
});
