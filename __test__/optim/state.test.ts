import { nn, optim, penalty, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { draw } from '../oracle/draw.ts';

type Model = readonly (readonly [string, Tensor])[];

/** What a test sees of an optimizer. */
type Stepper = Pick<optim.SGD, 'step' | 'stateDict' | 'loadStateDict'>;

const model = (dtype: 'float32' | 'float64', seed: number): Model =>
  (['first', 'second'] as const).map((name, i) => {
    return [name, tensor(draw(dtype, 9 + i, seed + i), { requiresGrad: true })] as const;
  });

const tensors = (named: Model): Tensor[] => named.map(([, parameter]) => parameter);
const bits = (named: Model): readonly number[][] => tensors(named).map(({ data }) => Array.from(data));

function steps(optimizer: Stepper, named: Model, from: number, to: number): unknown[] {
  return Array.from({ length: to - from }, (_, i) => {
    named.forEach(([, parameter], p) => {
      const dtype = parameter.data instanceof Float64Array ? 'float64' : 'float32';
      parameter.grad = tensor(draw(dtype, parameter.size, 100 + 7 * (from + i) + p));
    });
    return optimizer.step();
  });
}

const common = { weightDecay: 0.02, penalty: penalty.l2(0.01) };
const makers: Readonly<Record<string, (params: Tensor[]) => Stepper>> = {
  'SGD with momentum': (params) =>
    new optim.SGD(params, { ...common, lr: 0.1, momentum: 0.9, dampening: 0.1 }),
  'SGD without': (params) => new optim.SGD(params, { ...common, lr: 0.1 }),
  Adam: (params) => new optim.Adam(params, common),
  'AdamW with AMSGrad': (params) => new optim.AdamW(params, { ...common, amsgrad: true }),
  NAdam: (params) => new optim.NAdam(params, common),
  RAdam: (params) => new optim.RAdam(params, common),
  Adamax: (params) => new optim.Adamax(params, common),
  Adagrad: (params) => new optim.Adagrad(params, { ...common, lrDecay: 0.1, initialAccumulatorValue: 0.2 }),
  Adadelta: (params) => new optim.Adadelta(params, common),
  RMSprop: (params) => new optim.RMSprop(params, { ...common, centered: true, momentum: 0.5 }),
  Lion: (params) => new optim.Lion(params, { weightDecay: 0.02 }),
  FTRL: (params) => new optim.FTRL(params, { ...common, l1RegularizationStrength: 0.01 }),
};

describe.each(Object.entries(makers))('%s', (_name, make) => {
  describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
    test('goes on with the same bits where its state was taken', () => {
      const [one, other] = [model(dtype, 1), model(dtype, 50)];
      const [first, second] = [make(tensors(one)), make(tensors(other))];
      steps(first, one, 0, 6);
      const kept = structuredClone(first.stateDict(one));
      const weights = tensors(one).map(({ data }) => data.slice());
      const seen = steps(first, one, 6, 12);
      steps(second, other, 20, 23);
      second.loadStateDict(other, kept);
      tensors(other).forEach(({ data }, i) => data.set(weights[i]!));
      expect(steps(second, other, 6, 12)).toEqual(seen);
      expect(bits(other)).toEqual(bits(one));
    });

    test('a state from before the first step starts anew', () => {
      const [one, other] = [model(dtype, 1), model(dtype, 1)];
      const [first, second] = [make(tensors(one)), make(tensors(other))];
      const fresh = first.stateDict(one);
      const start = tensors(one).map(({ data }) => data.slice());
      steps(first, one, 0, 4);
      first.loadStateDict(one, fresh);
      tensors(one).forEach(({ data }, i) => data.set(start[i]!));
      expect(steps(first, one, 0, 4)).toEqual(steps(second, other, 0, 4));
      expect(bits(one)).toEqual(bits(other));
    });
  });

  test('finds parameters by name, whatever their order', () => {
    const [one, other] = [model('float64', 1), model('float64', 1)];
    const [first, second] = [make(tensors(one)), make(tensors(other).toReversed())];
    steps(first, one, 0, 3);
    const state = first.stateDict(one);
    const { groups } = state;
    const reversed = [{ ...groups[0]!, params: groups[0]!.params.toReversed() }];
    second.loadStateDict(other, { ...state, groups: reversed });
    tensors(other).forEach(({ data }, i) => data.set(tensors(one)[i]!.data));
    steps(first, one, 3, 5);
    steps(second, other, 3, 5);
    expect(bits(other)).toEqual(bits(one));
  });
});

test('a state is a copy: later steps leave it alone', () => {
  const named = model('float32', 1);
  const optimizer = new optim.Adam(tensors(named));
  steps(optimizer, named, 0, 1);
  const state = optimizer.stateDict(named);
  const before = structuredClone(state);
  steps(optimizer, named, 1, 3);
  expect(state).toEqual(before);
});

test('options and strengths come from the state', () => {
  const named = model('float64', 1);
  const l1 = penalty.l1(0.5);
  const optimizer = new optim.SGD(tensors(named), { lr: 0.1, penalty: l1 });
  const state = optimizer.stateDict(named);
  optimizer.paramGroups[0]!.lr = 3;
  l1.l1 = 7;
  optimizer.loadStateDict(named, state);
  expect([optimizer.paramGroups[0]!.lr, l1.l1]).toEqual([0.1, 0.5]);
});

describe('what does not fit is refused, and changes nothing', () => {
  const named = model('float64', 1);
  const optimizer = new optim.Adam(tensors(named));
  steps(optimizer, named, 0, 2);
  const state = optimizer.stateDict(named);
  const { first } = state.parameters;
  const { first: _missing, ...others } = state.parameters;

  test.each([
    ['of another optimizer', { ...state, optimizer: 'sgd' }],
    ['without a parameter', { ...state, parameters: others }],
    ['with one too many', { ...state, parameters: { ...state.parameters, third: { step: 0 } } }],
    ['without a moment', { ...state, parameters: { ...state.parameters, first: { step: 2 } } }],
    [
      'of another length',
      { ...state, parameters: { ...state.parameters, first: { ...first, m: new Float64Array(3) } } },
    ],
    [
      'of another type',
      { ...state, parameters: { ...state.parameters, first: { ...first, m: new Float32Array(9) } } },
    ],
    ['without groups', { ...state, groups: [] }],
    [
      'with a negative count of steps',
      { ...state, parameters: { ...state.parameters, first: { ...first, step: -1 } } },
    ],
    [
      'with a learning rate that is none',
      {
        ...state,
        groups: state.groups.map((group) => ({ ...group, options: { ...group.options, lr: -1 } })),
      },
    ],
  ])('%s', (_name, wrong) => {
    const told = refusal(() => optimizer.loadStateDict(named, wrong));
    expect(told?.code).toMatch(/^ERR_/);
    expect(told?.message).toMatch(/^[\w.]+: `[^`]+` must be .+, got /);
    expect(optimizer.stateDict(named)).toEqual(state);
  });
});

test('a model that does not name a parameter is refused', () => {
  const layer = new nn.Linear(2, 3);
  const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
  expect(Object.keys(optimizer.stateDict(layer).parameters)).toEqual(['weight', 'bias']);
  const told = refusal(() => optimizer.stateDict(new nn.Linear(2, 3)));
  expect(told?.message).toBe(
    'optim.SGD: `model` must be one that names every parameter, got one without parameter 0, of shape [3, 2]. Pass the model whose parameters the optimizer was given.',
  );
});
