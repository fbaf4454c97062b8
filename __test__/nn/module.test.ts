import { nn, ones, RidgelineError, tensor, type Tensor } from 'ridgeline';
import { expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

/** A model of one's own that shares a layer, keeps an activation and holds a constant. */
class Own extends nn.Module {
  readonly first = new nn.Linear(2, 2);
  readonly again: nn.Linear<2, 2> = this.first;
  readonly mean: Tensor = tensor([0, 0]);
  last: Tensor | null = null;

  override forward(x: Tensor): Tensor {
    this.last = this.first.forward(x);
    return this.again.forward(this.last);
  }
}

test('a layer that is used twice has its parameters once, and its gradients added up', () => {
  const model = new Own();
  expect(model.namedParameters().map(([name]) => name)).toEqual(['first.weight', 'first.bias']);
  model
    .forward(ones([1, 2]))
    .sum()
    .backward();
  expect(model.first.bias!.grad!.data.some((g) => g !== 1)).toBe(true);
});

test('neither an activation that is kept nor a constant is a parameter', () => {
  const model = new Own();
  model.forward(ones([1, 2]));
  expect(model.last?.requiresGrad).toBe(true);
  expect(model.parameters()).toHaveLength(2);
});

test('train and eval reach every layer, and return the model', () => {
  const inner = new nn.ReLU();
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Sequential(inner));
  expect(model.eval()).toBe(model);
  expect([model.training, inner.training]).toEqual([false, false]);
  model.train();
  expect([model.training, inner.training]).toEqual([true, true]);
});

test('a parameter is found by its name; a wrong name shows those that there are', () => {
  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 1, { bias: false }));
  expect(model.parameter('1.weight').shape).toEqual([1, 2]);
  expect(() => model.parameter('1.bias')).toThrow(RidgelineError);
  expect(refusal(() => model.parameter('1.bias'))).toEqual({
    code: 'ERR_SELECTOR',
    message: 'parameter: there is none called 1.bias; there are 0.weight, 0.bias, 1.weight.',
  });
});

test('Linear is x·weightᵀ + bias', () => {
  const layer = new nn.Linear(2, 3);
  layer.weight.data.set([1, 2, 3, 4, 5, 6]);
  layer.bias!.data.set([0.5, 0, -1]);
  expect([
    ...layer.forward(
      tensor([
        [1, 1],
        [2, 0],
      ]),
    ).data,
  ]).toEqual([3.5, 7, 10, 2.5, 6, 9]);
  expect(new nn.Linear(2, 3, { bias: false }).bias).toBeNull();
});

test('kinds of parameters are weight and bias', () => {
  const kinds = new nn.Linear(2, 3).describeParameters().map(({ name, kind }) => [name, kind]);
  expect(kinds).toEqual([
    ['weight', 'weight'],
    ['bias', 'bias'],
  ]);
});

test.each([0, -1, 1.5, Number.NaN, '2', undefined])('Linear refuses %o features', (features) => {
  for (const make of [() => new nn.Linear(features as number, 2), () => new nn.Linear(2, features as number)])
    expect(refusal(make)?.message).toMatch(
      /^nn\.Linear: `(?:in|out)Features` must be a whole number >= 1, got /u,
    );
});

test('a float32 input of a float64 layer is refused with the fix', () => {
  const layer = new nn.Linear(2, 1, { dtype: 'float64' });
  expect(refusal(() => layer.forward(ones([1, 2])))?.message).toBe(
    'linear: `weight` must be of float32, got float64. Both must have one precision.',
  );
});
