import {
  betasOf,
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link NAdam}. */
export interface NAdamOptions extends GroupOptions {
  /** Rates of the first and second moment; [.9, .999] unless given. */
  betas: readonly [number, number];
  /** Added to √v̂; 1e-8 unless given. */
  eps: number;
  /** ψ of μₜ = β₁(1 − ½·0.96^(tψ)); 4e-3 unless given. */
  momentumDecay: number;
}

const pytorch: NAdamOptions = {
  ...groupDefaults,
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  momentumDecay: 4e-3,
};

const keras: NAdamOptions = { ...pytorch, lr: 1e-3, eps: 1e-7, momentumDecay: 1, decay: 'decoupled' };

/**
 * NAdam, Adam with Nesterov's look-ahead, with PyTorch's defaults: lr 2e-3, betas [.9, .999], eps 1e-8,
 * momentumDecay 4e-3, `weightDecay` coupled (`decay: 'decoupled'` is its `decoupled_weight_decay`).
 *
 * @see Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(params: Params<NAdamOptions>, options: PresetOptions<NAdamOptions> = {}) {
    super('optim.NAdam', 'nadam', params, { pytorch, keras }, options);
  }

  protected override own({ betas, eps, momentumDecay }: ParamGroup<NAdamOptions>, owner: string): object {
    return { ...betasOf(owner, betas), eps, momentumDecay };
  }
}
