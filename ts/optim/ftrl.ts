import { nonNegative } from '../check.ts';
import { groupDefaults, type GroupOptions, type ParamGroup, type Params } from './group.ts';
import { Optimizer } from './optimizer.ts';
import type { Starts } from './state.ts';

/** Options of {@link FTRL}; the strengths of its own weigh on the sum of all gradients once, as in Keras. */
export interface FTRLOptions extends GroupOptions {
  /** p of lr·n^p, at most 0; -.5 unless given, other powers take several times as long. */
  learningRatePower: number;
  /** What the sums of squares start from; .1 unless given. */
  initialAccumulatorValue: number;
  /** Multiplies Σ|w|, once for all steps; 0 unless given. */
  l1RegularizationStrength: number;
  /** Multiplies Σw², once for all steps; 0 unless given. */
  l2RegularizationStrength: number;
  /** Multiplies Σw² of the weights before a step, in the gradient; 0 unless given. */
  l2ShrinkageRegularizationStrength: number;
  /** β of McMahan's paper, which tames the first steps; 0 unless given. */
  beta: number;
}

const keras: FTRLOptions = {
  ...groupDefaults,
  lr: 1e-3,
  learningRatePower: -0.5,
  initialAccumulatorValue: 0.1,
  l1RegularizationStrength: 0,
  l2RegularizationStrength: 0,
  l2ShrinkageRegularizationStrength: 0,
  beta: 0,
};

/**
 * FTRL-Proximal, for sparse models of many features, with the defaults and formulas of Keras and TensorFlow:
 * lr 1e-3 (above 0), learningRatePower -.5, initialAccumulatorValue .1. Weights are made anew from sums at
 * each step: those that get no gradient become 0 at the first.
 *
 * A `penalty` is one of the objective, counted at each step: by prox (the default with a kink) a linear
 * layer converges to the Lasso's own solution. What acts beside the sums would be forgotten, so the ways
 * `'decoupled'` and `'proximal-decoupled'` are refused. `weightDecay` is coupled; decoupled it acts on the
 * weight before the step, as in Keras, where hardly anything of it stays.
 *
 * @see McMahan et al. 2013, https://doi.org/10.1145/2487575.2488200
 */
export class FTRL extends Optimizer<FTRLOptions> {
  constructor(params: Params<FTRLOptions>, options: Partial<FTRLOptions> = {}) {
    super('optim.FTRL', 'ftrl', params, { keras }, options);
  }

  protected override own(group: ParamGroup<FTRLOptions>, owner: string): object {
    nonNegative(owner, 'initialAccumulatorValue', group.initialAccumulatorValue);
    return group;
  }

  protected override starts({ initialAccumulatorValue }: ParamGroup<FTRLOptions>): Starts {
    return [0, initialAccumulatorValue];
  }
}
