/** What makes a penalty by prox right: full batch, a linear layer meets the Lasso's own conditions. */
import { nn, optim, penalty, tensor, zeros } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { meanSquaredGradient, sparseRegression } from '../oracle/lasso.ts';
import { violation } from '../oracle/penalty.ts';

const regression = sparseRegression(100, 20, 3);
const { samples, features } = regression;
const x = tensor(regression.x, { shape: [samples, features] });
const y = tensor(regression.y, { shape: [samples, 1] });
const lambdaMax = Math.max(...meanSquaredGradient(regression, new Float64Array(features)).map(Math.abs));

const optimizers = {
  SGD: (group) => new optim.SGD([group], { lr: 0.1 }),
  'SGD with momentum': (group) => new optim.SGD([group], { lr: 0.02, momentum: 0.9 }),
  'SGD with momentum and dampening': (group) =>
    new optim.SGD([group], { lr: 0.05, momentum: 0.9, dampening: 0.5 }),
  'SGD with Nesterov': (group) => new optim.SGD([group], { lr: 0.02, momentum: 0.9, nesterov: true }),
  Adam: (group) => new optim.Adam([group], { lr: 0.01 }),
  'Adam with AMSGrad': (group) => new optim.Adam([group], { lr: 0.01, amsgrad: true }),
  'AdamW without decay': (group) => new optim.AdamW([group], { lr: 0.01, weightDecay: 0 }),
} satisfies Record<string, (group: Group) => { step(): unknown; zeroGrad(): void }>;

interface Group {
  readonly params: ReturnType<nn.Linear['parameters']>;
  readonly penalty: penalty.Penalty;
  readonly apply?: 'coupled' | 'proximal-decoupled';
}

const penalties = {
  'the lasso': penalty.l1(0.15 * lambdaMax),
  'a weak lasso': penalty.l1(0.01 * lambdaMax),
  'an elastic net': penalty.elasticNet({ l1: 0.1 * lambdaMax, l2: 0.2 }),
};

/** The layer after full-batch training, and how far it is from the optimum by two accounts. */
function trained(
  make: (typeof optimizers)[keyof typeof optimizers],
  p: penalty.Penalty,
  apply?: Group['apply'],
): { weights: Float64Array; library: number; oracle: number } {
  const layer = new nn.Linear(features, 1, { bias: false, dtype: 'float64' });
  const params = layer.parameters();
  const optimizer = make(apply === undefined ? { params, penalty: p } : { params, penalty: p, apply });
  const loss = new nn.MSELoss();
  const gradient = (): void => {
    optimizer.zeroGrad();
    loss.forward(layer.forward(x), y).backward();
  };
  for (let step = 0; step < 4000; step++) {
    gradient();
    optimizer.step();
  }
  gradient();
  const weights = layer.weight.data as Float64Array;
  const exact = meanSquaredGradient(regression, weights);
  return {
    weights,
    library: p.violation(layer.weight, layer.weight.grad!),
    oracle: Math.max(...Array.from(weights, (w, j) => violation(w, exact[j]!, p))),
  };
}

describe.each(Object.entries(penalties))('%s', (_, p) => {
  test.each(Object.entries(optimizers))('by %s ends at the optimum', (__, make) => {
    const { weights, library, oracle } = trained(make, p);
    expect(library).toBeLessThan(1e-5 * lambdaMax);
    expect(oracle).toBeLessThan(1e-5 * lambdaMax);
    expect(weights[0]).toBeGreaterThan(0.5);
  });
});

test('the lasso is exactly 0 on features without effect, at the same places by every optimizer', () => {
  const patterns = Object.values(optimizers).map((make) =>
    [...trained(make, penalties['the lasso']).weights].map((w) => w === 0),
  );
  for (const pattern of patterns) expect(pattern).toEqual(patterns[0]);
  expect(patterns[0]!.filter(Boolean)).toHaveLength(17);
});

test('from λmax on every weight is exactly 0, and just below it one is not', () => {
  const zerosAt = (strength: number): number =>
    trained(optimizers.SGD, penalty.l1(strength)).weights.filter((w) => w === 0).length;
  expect(zerosAt(1.001 * lambdaMax)).toBe(features);
  expect(zerosAt(0.999 * lambdaMax)).toBe(features - 1);
});

test('the subgradient never gives an exact zero', () => {
  for (const make of Object.values(optimizers)) {
    const { weights } = trained(make, penalties['the lasso'], 'coupled');
    expect(weights.filter((w) => w === 0)).toHaveLength(0);
  }
});

test('outside the metric a threshold with momentum solves another problem', () => {
  const { library } = trained(optimizers['SGD with momentum'], penalties['the lasso'], 'proximal-decoupled');
  expect(library).toBeGreaterThan(0.1 * penalties['the lasso'].l1);
});

test('the library’s violation is 0 at the optimum of a problem that is solved by hand', () => {
  // ½(w − 3)² has the gradient w − 3: under |w| the optimum is 2, and for (0 − .5) it is 0.
  const w = tensor([2, 0], { dtype: 'float64' });
  const gradient = tensor([-1, -0.5], { dtype: 'float64' });
  expect(penalty.l1(1).violation(w, gradient)).toBe(0);
  expect(penalty.l1(0.25).violation(w, gradient)).toBe(0.75);
  expect(penalty.l1(1).violation(zeros([2], { dtype: 'float64' }), gradient)).toBe(0);
});
