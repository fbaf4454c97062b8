import { type nn, optim, penalty } from '../../index.ts';

/** One way of paying for weights, as a function of its strength. */
export interface Regularizer {
  readonly name: string;
  readonly description: string;
  /** Strengths to choose from; empty where there is nothing to choose. */
  readonly lambdas: readonly number[];
  /** The optimizer of a model at learning rate `lr` under strength λ. Biases pay nothing. */
  readonly optimizer: (model: nn.Module, lambda: number, lr: number) => optim.Adam | optim.AdamW;
}

const { l1, elasticNet } = penalty;
const strengths = [1e-3, 2e-3, 4e-3, 8e-3];

/** The six runs of the demo, in the order of its table. */
export const regularizers: readonly Regularizer[] = [
  {
    name: 'none',
    description: 'Adam, nothing to pay',
    lambdas: [],
    optimizer: (model, _lambda, lr) => new optim.Adam(model.parameters(), { lr }),
  },
  {
    name: 'L2 coupled',
    description: 'Adam with ½λΣw² in the gradient (weightDecay: λ)',
    lambdas: [3e-3, 1e-2, 3e-2, 1e-1],
    optimizer: (model, lambda, lr) =>
      new optim.Adam(optim.decayGroups(model, { weightDecay: lambda }), { lr }),
  },
  {
    name: 'AdamW',
    description: 'decoupled decay, w ← w(1 − lr·λ) (weightDecay: λ)',
    lambdas: [0.3, 1, 3, 10],
    optimizer: (model, lambda, lr) =>
      new optim.AdamW(optim.decayGroups(model, { weightDecay: lambda }), { lr }),
  },
  {
    name: 'L1 subgradient',
    description: "Adam with λ·sign(w) in the gradient (penalty: l1(λ), apply: 'coupled')",
    lambdas: strengths,
    optimizer: (model, lambda, lr) =>
      new optim.Adam(optim.decayGroups(model, { penalty: l1(lambda), apply: 'coupled' }), { lr }),
  },
  {
    name: 'L1 prox',
    description: 'Adam, then the soft threshold of λΣ|w| (penalty: l1(λ))',
    lambdas: strengths,
    optimizer: (model, lambda, lr) =>
      new optim.Adam(optim.decayGroups(model, { penalty: l1(lambda) }), { lr }),
  },
  {
    name: 'elastic net prox',
    description: 'Adam, then the prox of λΣ|w| + λΣw² (penalty: elasticNet({ l1: λ, l2: λ }))',
    lambdas: strengths,
    optimizer: (model, lambda, lr) =>
      new optim.Adam(optim.decayGroups(model, { penalty: elasticNet({ l1: lambda, l2: lambda }) }), { lr }),
  },
];
