import {
  betasOf,
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link Adamax}. */
export interface AdamaxOptions extends GroupOptions {
  /** Rates of the first moment and of the largest gradient; [.9, .999] unless given. */
  betas: readonly [number, number];
  /** Added to |g|; 1e-8 unless given. */
  eps: number;
  /** Whether `eps` is added to u in the denominator instead, as in Keras; false unless given. */
  epsOutside: boolean;
}

const pytorch: AdamaxOptions = {
  ...groupDefaults,
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  epsOutside: false,
};

const keras: AdamaxOptions = { ...pytorch, lr: 1e-3, eps: 1e-7, epsOutside: true, decay: 'decoupled' };

/**
 * Adamax, Adam by the largest gradient of late, u ← max(β₂u, |g| + ε), with PyTorch's defaults: lr 2e-3,
 * betas [.9, .999], eps 1e-8, `weightDecay` coupled.
 *
 * @see Kingma & Ba 2015, §7.1, https://arxiv.org/abs/1412.6980
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(params: Params<AdamaxOptions>, options: PresetOptions<AdamaxOptions> = {}) {
    super('optim.Adamax', 'adamax', params, { pytorch, keras }, options);
  }

  protected override own({ betas, eps, epsOutside }: ParamGroup<AdamaxOptions>, owner: string): object {
    return { ...betasOf(owner, betas), eps, epsOutside };
  }
}
