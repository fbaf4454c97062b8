import {
  betasOf,
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link Lion}. */
export interface LionOptions extends GroupOptions {
  /** How much of the past a step and the buffer keep; [.9, .99] unless given. */
  betas: readonly [number, number];
}

const pytorch: LionOptions = { ...groupDefaults, lr: 1e-4, betas: [0.9, 0.99], decay: 'decoupled' };

const keras: LionOptions = { ...pytorch, lr: 1e-3 };

/**
 * Lion, steps of one size, lr·sign(β₁m + (1 − β₁)g), with the defaults of its authors: lr 1e-4, betas
 * [.9, .99], `weightDecay` decoupled. A step says nothing of the size of a gradient, so no prox can act in
 * its metric: a penalty with a kink needs `apply: 'proximal-decoupled'`, `'decoupled'` or `'coupled'`.
 *
 * @see Chen et al. 2023, https://arxiv.org/abs/2302.06675
 */
export class Lion extends Optimizer<LionOptions> {
  constructor(params: Params<LionOptions>, options: PresetOptions<LionOptions> = {}) {
    super('optim.Lion', 'lion', params, { pytorch, keras }, options);
  }

  protected override own({ betas }: ParamGroup<LionOptions>, owner: string): object {
    return betasOf(owner, betas);
  }
}
