import { kernels, nn, noGrad, optim, penalty, tensor, zeros } from 'ridgeline';
import { expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

const leaf = (...values: number[]): ReturnType<typeof tensor> => tensor(values, { requiresGrad: true });

test('gradients of two paths, and of two backward calls, are added up', () => {
  const x = leaf(2, 3);
  x.mul(2).add(x.square()).sum().backward();
  expect([...x.grad!.data]).toEqual([6, 8]);
  x.mul(10).sum().backward();
  expect([...x.grad!.data]).toEqual([16, 18]);
});

test('zeroGrad starts anew: the next backward overwrites what was there', () => {
  const layer = new nn.Linear(2, 1);
  const x = tensor([[1, 2]]);
  layer.forward(x).sum().backward();
  layer.forward(x).sum().backward();
  expect([...layer.weight.grad!.data]).toEqual([2, 4]);
  layer.zeroGrad();
  expect(layer.weight.grad).toBeNull();
  layer.forward(x).sum().backward();
  expect([...layer.weight.grad!.data]).toEqual([1, 2]);
});

test('an assigned gradient is read, and added to, where it lies', () => {
  const x = leaf(1, 2);
  const mine = Float32Array.of(10, 20);
  x.grad = tensor(mine);
  expect(x.grad.data).toBe(mine);
  x.mul(3).sum().backward();
  expect([...mine]).toEqual([13, 23]);
  new optim.SGD([x], { lr: 1 }).step();
  expect([...x.data]).toEqual([-12, -21]);
});

test.each([
  ['another length', () => tensor([1, 2, 3])],
  ['another precision', () => tensor(Float64Array.of(1, 2))],
  ['whole numbers', () => tensor(Int32Array.of(1, 2))],
] as const)('a gradient of %s is refused', (_, grad) => {
  const x = leaf(1, 2);
  const thrown = refusal(() => (x.grad = grad()));
  expect(thrown?.code).toBe('ERR_SHAPE');
  expect(thrown?.message).toMatch(/^tensor: `grad` must be null or a float32 tensor of shape \[2\], got /u);
  expect(x.grad).toBeNull();
});

test('a second backward over one graph is an error that says what to do', () => {
  const x = leaf(1);
  const loss = x.square().sum();
  loss.backward();
  expect(refusal(() => loss.backward())).toEqual({
    code: 'ERR_STATE',
    message: 'backward: this graph was already used by a backward pass. Run the forward pass again.',
  });
  expect([...x.grad!.data]).toEqual([2]);
});

const updated =
  'backward: an input of `square` was updated in place after the forward pass, so its gradient would be wrong. ' +
  'Call backward() before optimizer.step(), or run the forward pass again.';

test('an update between forward and backward is an error that changes nothing', () => {
  const x = leaf(1);
  x.grad = tensor([1]);
  const loss = x.square().sum();
  new optim.SGD([x], { lr: 1 }).step();
  expect(refusal(() => loss.backward())).toEqual({ code: 'ERR_STATE', message: updated });
  expect([...x.grad.data]).toEqual([1]);
});

test('a prox between forward and backward is the same error', () => {
  const x = leaf(1);
  const loss = x.square().sum();
  penalty.l1(0.1).prox(x, 1);
  expect(refusal(() => loss.backward())?.message).toBe(updated);
});

test('backward needs a scalar, and something that requires a gradient', () => {
  expect(refusal(() => leaf(1, 2).mul(2).backward())).toEqual({
    code: 'ERR_SHAPE',
    message:
      'backward: `this` must be a scalar, got [2]. Sum or average it first, or pass the gradient by it.',
  });
  const nothing = 'backward: nothing that this tensor came from requires a gradient.';
  expect(refusal(() => tensor([1, 2]).sum().backward())).toEqual({ code: 'ERR_STATE', message: nothing });
  expect(refusal(() => leaf(1).backward())?.code).toBe('ERR_STATE');
});

test('noGrad records nothing, and ends with its body, also when that throws', () => {
  const x = leaf(1);
  expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
  expect(() =>
    noGrad(() => {
      throw new Error('inside');
    }),
  ).toThrow('inside');
  expect(x.mul(2).requiresGrad).toBe(true);
  expect(noGrad(() => noGrad(() => 1) + (x.mul(2).requiresGrad ? 1 : 0))).toBe(1);
});

test('detach shares memory and passes no gradient', () => {
  const x = leaf(1, 2);
  const y = x.mul(2);
  expect(y.detach().data).toBe(y.data);
  x.mul(y.detach()).sum().backward();
  expect([...x.grad!.data]).toEqual([2, 4]);
});

test('what needs no gradient gets none', () => {
  const [x, y] = [leaf(1), tensor([2])];
  x.mul(y).sum().backward();
  expect(y.grad).toBeNull();
  expect(x.mul(y).requiresGrad).toBe(true);
  expect(y.mul(y).requiresGrad).toBe(false);
});

test('a graph of 100,000 operations does not overflow the stack', () => {
  const x = leaf(1);
  let y = x.mul(1);
  for (let i = 0; i < 1e5; i++) y = y.add(x);
  y.sum().backward();
  expect(x.grad!.item()).toBe(100_001);
});

test('a graph of many shared paths is walked once', () => {
  const x = leaf(1);
  let y = x.mul(1);
  for (let i = 0; i < 100; i++) y = y.add(y);
  y.sum().backward();
  expect(x.grad!.item()).toBe(2 ** 100);
});

test('leaves keep their memory over backward passes and steps, in shared memory', () => {
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
  const optimizer = new optim.AdamW(model.parameters(), { penalty: penalty.l1(0.01) });
  const data = model.parameters().map((parameter) => parameter.data);
  const gradients = new Set<unknown>();
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    model
      .forward(zeros([2, 3]).add(1))
      .square()
      .mean()
      .backward();
    optimizer.step();
    for (const parameter of model.parameters()) gradients.add(parameter.grad!.data.buffer);
  }
  for (const [i, parameter] of model.parameters().entries()) {
    expect(parameter.data).toBe(data[i]);
    expect(parameter.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(parameter.grad!.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  }
  expect(gradients.size).toBeLessThanOrEqual(model.parameters().length);
});

test('memory that is gone is an error in every operation, not an empty result', () => {
  const gone = (): ReturnType<typeof tensor> => {
    const array = Float32Array.of(1, 2, 3);
    const t = tensor(array, { requiresGrad: true });
    structuredClone(array, { transfer: [array.buffer] });
    return t;
  };
  const square = (): ReturnType<typeof tensor> => {
    const array = Float32Array.of(1, 2, 3, 4);
    const t = tensor(array, { shape: [2, 2] });
    structuredClone(array, { transfer: [array.buffer] });
    return t;
  };
  const calls: (() => unknown)[] = [
    () => gone().sum(),
    () => gone().mean(),
    () => gone().add(gone()),
    () => gone().mul(2),
    () => gone().relu(),
    () => gone().abs(),
    () => square().matmul(square()),
    () => nn.functional.mseLoss(gone(), gone()),
    () => penalty.l1(1).of(gone()),
    () => penalty.l1(1).value(gone()),
    () => penalty.l1(1).gradient(gone()),
    () => penalty.l1(1).prox(gone(), 1),
    () => penalty.l1(1).violation(gone(), gone()),
  ];
  for (const call of calls)
    expect([String(call), refusal(call)?.code]).toEqual([String(call), expect.stringMatching(/^ERR_/u)]);
  const array = new Float32Array(3);
  structuredClone(array, { transfer: [array.buffer] });
  expect(refusal(() => penalty.l1(1).value(array))?.code).toBe('ERR_DETACHED');
  expect(kernels.penaltyValue(new Float32Array(0), { l1: 1 })).toBe(0);
});
