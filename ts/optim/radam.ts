import { betasOf, groupDefaults, type GroupOptions, type ParamGroup, type Params } from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link RAdam}. */
export interface RAdamOptions extends GroupOptions {
  /** Rates of the first and second moment; [.9, .999] unless given. */
  betas: readonly [number, number];
  /** Added to √v; 1e-8 unless given. */
  eps: number;
}

const pytorch: RAdamOptions = { ...groupDefaults, lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 };

/**
 * RAdam, Adam whose first steps are rectified for the variance of what they divide by, with PyTorch's
 * defaults: lr 1e-3, betas [.9, .999], eps 1e-8, `weightDecay` coupled (`decay: 'decoupled'` is its
 * `decoupled_weight_decay`).
 *
 * @see Liu et al. 2020, https://arxiv.org/abs/1908.03265
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(params: Params<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    super('optim.RAdam', 'radam', params, { pytorch }, options);
  }

  protected override own({ betas, eps }: ParamGroup<RAdamOptions>, owner: string): object {
    return { ...betasOf(owner, betas), eps };
  }
}
