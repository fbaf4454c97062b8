import { compile, Generator, manualSeed, nn, optim, randn, tensor, type Tensor } from 'ridgeline';
import { expect, test } from 'vitest';

const dtypes = ['float32', 'float64'] as const;
type Precision = (typeof dtypes)[number];

/** A model, its input and target, and its loss. */
interface Case {
  readonly model: nn.Module;
  readonly loss: nn.Loss;
  readonly x: Tensor;
  readonly y: Tensor;
}

const labels = (n: number, classes: number): Tensor =>
  tensor(Int32Array.from({ length: n }, (_, i) => (i * 7) % classes));

const cases: Record<string, (dtype: Precision) => Case> = {
  'tanh and sigmoid': (dtype) => ({
    model: new nn.Sequential(
      new nn.Linear(5, 8, { dtype }),
      new nn.Tanh(),
      new nn.Linear(8, 3, { dtype }),
      new nn.Sigmoid(),
    ),
    loss: new nn.MSELoss(),
    x: randn([6, 5], { dtype }),
    y: randn([6, 3], { dtype }),
  }),
  'binary cross-entropy with logits': (dtype) => ({
    model: new nn.Linear(5, 3, { dtype }),
    loss: new nn.BCEWithLogitsLoss(),
    x: randn([6, 5], { dtype }),
    y: randn([6, 3], { dtype }).sigmoid(),
  }),
  dropout: (dtype) => ({
    model: new nn.Sequential(
      new nn.Linear(5, 8, { dtype }),
      new nn.Dropout(0.3, { generator: new Generator(5) }),
      new nn.Linear(8, 3, { dtype }),
      new nn.Dropout(),
    ),
    loss: new nn.MSELoss(),
    x: randn([6, 5], { dtype }),
    y: randn([6, 3], { dtype }),
  }),
  'convolutions in groups, apart and after one another': (dtype) => ({
    model: new nn.Sequential(
      new nn.Conv2d(2, 4, [3, 2], { groups: 2, dilation: [1, 2], stride: [2, 1], dtype }),
      new nn.Tanh(),
      new nn.Conv2d(4, 4, 3, { groups: 4, padding: 1, dtype }),
      new nn.Flatten(),
      new nn.Linear(4 * 3 * 6, 5, { dtype }),
    ),
    loss: new nn.CrossEntropyLoss(),
    x: randn([9, 2, 8, 8], { dtype }),
    y: labels(9, 5),
  }),
  'convolution, pooling and flattening': (dtype) => ({
    model: new nn.Sequential(
      new nn.Conv2d(1, 3, 3, { padding: 1, dtype }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(3, 4, 2, { stride: 2, bias: false, dtype }),
      new nn.MaxPool2d(2, { stride: 1 }),
      new nn.Flatten(),
      new nn.Linear(4, 5, { dtype }),
    ),
    loss: new nn.CrossEntropyLoss(),
    x: randn([11, 1, 8, 8], { dtype }),
    y: labels(11, 5),
  }),
};

/** Losses and parameters of six steps, captured or as written. */
function trained(make: (dtype: Precision) => Case, dtype: Precision, captured: boolean): number[] {
  manualSeed(21);
  const { model, loss: criterion, x, y } = make(dtype);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05 });
  const step = (input: Tensor, target: Tensor): Tensor => {
    const loss = criterion.forward(model.forward(input), target);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const run = captured ? compile(step) : step;
  const losses = Array.from({ length: 6 }, () => run(x, y).item());
  const parameters = model.parameters().flatMap(({ data }) => Array.from(data));
  return losses.concat(parameters);
}

test.each(Object.entries(cases).flatMap(([name, make]) => dtypes.map((dtype) => ({ name, dtype, make }))))(
  'a captured step with $name in $dtype has the bits of the step as written',
  ({ make, dtype }) => {
    const eager = trained(make, dtype, false);
    expect(eager.every(Number.isFinite)).toBe(true);
    expect(trained(make, dtype, true)).toEqual(eager);
  },
);

test('a captured dropout draws anew at each call, and nothing in evaluation', () => {
  const layer = new nn.Dropout(0.5, { generator: new Generator(1) });
  const run = compile((x: Tensor) => layer.forward(x).mul(1));
  const x = tensor(new Float32Array(64).fill(1));
  const [first, second] = [run(x), run(x)];
  expect([...second.data]).not.toEqual([...first.data]);
  layer.eval();
  expect([...run(x).data]).toEqual([...x.data]);
});
