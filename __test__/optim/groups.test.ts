import { nn, optim, penalty, RidgelineError, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

/** Two layers in a field each, and a tensor of one's own. */
class Model extends nn.Module {
  readonly body: nn.Sequential<[nn.Linear, nn.ReLU, nn.Linear]> = new nn.Sequential(
    new nn.Linear<number, number>(4, 3),
    new nn.ReLU(),
    new nn.Linear<number, number>(3, 2),
  );
  readonly scale = tensor([1, 1], { requiresGrad: true });

  override forward(x: Parameters<nn.Linear['forward']>[0]): ReturnType<nn.Linear['forward']> {
    return this.body.forward(x);
  }
}

/** The names of the parameters of each group. */
function namesOf(model: nn.Module, groups: readonly { readonly params: readonly unknown[] }[]): string[][] {
  const names = new Map<unknown, string>(
    model.namedParameters().map(([name, parameter]) => [parameter, name]),
  );
  return groups.map(({ params }) => params.map((param) => names.get(param) ?? '?'));
}

test('names are paths of fields, the model’s own first, each parameter once', () => {
  expect(new Model().namedParameters().map(([name]) => name)).toEqual([
    'scale',
    'body.0.weight',
    'body.0.bias',
    'body.2.weight',
    'body.2.bias',
  ]);
});

describe('groups', () => {
  test.each([
    ['kind', { kind: 'bias' }, ['body.0.bias', 'body.2.bias']],
    ['one of several kinds', { kind: ['bias', 'norm'] }, ['body.0.bias', 'body.2.bias']],
    ['name', { name: 'body.0.weight' }, ['body.0.weight']],
    ['glob', { name: 'body.*.weight' }, ['body.0.weight', 'body.2.weight']],
    ['a glob that stands for several parts', { name: '*bias' }, ['body.0.bias', 'body.2.bias']],
    ['regular expression', { name: /^body\.2/u }, ['body.2.weight', 'body.2.bias']],
    [
      'a regular expression that remembers where it was',
      { name: /weight/gu },
      ['body.0.weight', 'body.2.weight'],
    ],
    ['kind and name', { kind: 'weight', name: 'body.2.*' }, ['body.2.weight']],
  ] as const)('by %s', (_, where, expected) => {
    const model = new Model();
    const groups = optim.groups(model, [{ where, lr: 0.5 }]);
    const [taken, rest] = namesOf(model, groups);
    expect(taken).toEqual(expected);
    const all = model.namedParameters().map(([name]) => name);
    expect(rest).toEqual(all.filter((name) => !expected.includes(name as never)));
    expect(groups[0]).not.toHaveProperty('where');
    expect(groups[0]!.lr).toBe(0.5);
  });

  test('a parameter goes to the first rule that takes it', () => {
    const model = new Model();
    const groups = optim.groups(model, [
      { where: { name: 'body.0.bias' }, lr: 1 },
      { where: { kind: 'bias' }, lr: 2 },
    ]);
    expect(namesOf(model, groups).slice(0, 2)).toEqual([['body.0.bias'], ['body.2.bias']]);
  });

  test('rules that take everything leave no last group', () => {
    expect(optim.groups(new Model(), [{ where: {} }])).toHaveLength(1);
  });

  test.each([
    [[{ where: { name: 'body.0.wieght' } }], 'rule 0 (name body.0.wieght)'],
    [[{ where: {} }, { where: { kind: 'bias' } }], 'rule 1 (kind bias)'],
    [[{ where: { name: 'body' } }], 'rule 0 (name body)'],
    [[{ where: { name: 'body?0.weight' } }], 'rule 0 (name body?0.weight)'],
  ] as const)('a rule that takes nothing is an error that shows the names', (rules, which) => {
    const call = (): unknown => optim.groups(new Model(), rules as Parameters<typeof optim.groups>[1]);
    expect(call).toThrow(RidgelineError);
    expect(refusal(call)).toEqual({
      code: 'ERR_SELECTOR',
      message:
        `optim.groups: ${which} takes no parameter that is left; the model has scale, body.0.weight, ` +
        'body.0.bias, body.2.weight, body.2.bias.',
    });
  });

  test('an unknown key of a selector is an error', () => {
    const rules = [{ where: { nam: 'body.*' } }] as unknown as Parameters<typeof optim.groups>[1];
    expect(refusal(() => optim.groups(new Model(), rules))?.message).toContain('Did you mean name?');
  });
});

describe('decayGroups', () => {
  test('weights and tensors of two axes pay, biases and vectors do not', () => {
    const model = new Model();
    const p = penalty.l1(0.1);
    const groups = optim.decayGroups(model, { weightDecay: 0.3, penalty: p, lr: 0.7 });
    expect(namesOf(model, groups)).toEqual([
      ['body.0.weight', 'body.2.weight'],
      ['scale', 'body.0.bias', 'body.2.bias'],
    ]);
    expect(groups[0]).toMatchObject({ weightDecay: 0.3, penalty: p, lr: 0.7 });
    expect(groups[1]).toMatchObject({ weightDecay: 0, penalty: null, lr: 0.7 });
  });

  test('the optimizer’s own default decay does not reach what does not pay', () => {
    const model = new nn.Linear(2, 2);
    const optimizer = new optim.AdamW(optim.decayGroups(model, {}));
    expect(optimizer.paramGroups.map(({ weightDecay }) => weightDecay)).toEqual([0.01, 0]);
  });
});

describe('what is no list of parameters is refused', () => {
  const w = tensor([1], { requiresGrad: true });
  test.each([
    ['a model', () => new nn.Linear(2, 2), 'params'],
    ['nothing', () => undefined, 'params'],
    ['an empty list', () => [], 'params'],
    ['a group without parameters', () => [{ lr: 1 }], 'params'],
    ['a tensor alone', () => w, 'params'],
    ['an array of numbers', () => [1, 2], 'params'],
    ['a tensor without a gradient', () => [tensor([1])], 'params'],
    ['the result of an operation', () => [w.add(1)], 'params'],
    ['a parameter given twice', () => [w, w], 'params'],
    ['a parameter in two groups', () => [{ params: w }, { params: [w] }], 'params'],
    ['a list of null', () => [null], 'params'],
  ] satisfies [string, () => unknown, string][])('%s', (_, make, name) => {
    const thrown = refusal(() => new optim.SGD(make() as never));
    expect(thrown?.code).toMatch(/^ERR_/u);
    expect(thrown?.message).toMatch(new RegExp(`^optim\\.SGD: \`${name}\` must be .+, got .+`, 'u'));
  });

  test('a parameter given twice says so', () => {
    expect(refusal(() => new optim.SGD([w, w]))).toEqual({
      code: 'ERR_ALIAS',
      message: 'optim.SGD: `params` must be in one group each, got a parameter that is given twice',
    });
  });
});

test.each([
  ['a number', 0.1],
  ['a list of numbers', [0.1]],
  ['a text', 'l1'],
  ['an object', { l1: 0.1 }],
] as const)(
  'a penalty that is %s is refused when the optimizer is made and when it is set later',
  (_, bad) => {
    const w = tensor([1], { requiresGrad: true });
    const made = refusal(() => new optim.SGD([w], { penalty: bad as never }));
    expect(made?.code).toMatch(/^ERR_/u);
    expect(made?.message).toContain('`penalty` must be');
    const optimizer = new optim.SGD([w], { lr: 1 });
    w.grad = tensor([1]);
    optimizer.paramGroups[0]!.penalty = bad as never;
    expect(refusal(() => optimizer.step())?.code).toMatch(/^ERR_/u);
    expect(w.item()).toBe(1);
  },
);

test.each([
  [{ lr: -1 }, 'optim.SGD: `lr` must be a finite number >= 0, got -1'],
  [{ learningRate: 1 }, 'optim.SGD: `learningRate` must be an option that exists'],
  [{ momentun: 0.9 }, 'Did you mean momentum?'],
  [{ decay: 'uncoupled' }, 'Did you mean coupled?'],
  [{ nesterov: true }, '`nesterov` must be false without momentum'],
] as const)('options %o are refused, for all and for a group', (options, message) => {
  const w = tensor([1], { requiresGrad: true });
  expect(refusal(() => new optim.SGD([w], options as never))?.message).toContain(message);
  expect(refusal(() => new optim.SGD([{ params: w, ...(options as object) }]))?.message).toContain(message);
});

test('a group’s option overrides the optimizer’s, which overrides the default; undefined hides nothing', () => {
  const [a, b] = [tensor([1], { requiresGrad: true }), tensor([1], { requiresGrad: true })];
  const groups = [{ params: a, lr: 0.5, weightDecay: undefined }, { params: [b] }];
  const optimizer = new optim.AdamW(groups as never, { lr: 0.2, weightDecay: undefined } as never);
  expect(optimizer.paramGroups.map(({ lr, weightDecay, initialLr }) => [lr, weightDecay, initialLr])).toEqual(
    [
      [0.5, 0.01, 0.5],
      [0.2, 0.01, 0.2],
    ],
  );
});
