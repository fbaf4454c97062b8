import { flag } from '../check.ts';
import {
  betasOf,
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';
import type { Starts } from './state.ts';

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamGroupOptions extends GroupOptions {
  /** Rates of the first and second moment; [.9, .999] unless given. */
  betas: readonly [number, number];
  /** Added to √v̂, outside the bias correction; 1e-8 unless given. */
  eps: number;
  /** Whether `eps` is added to √v before the correction instead, as in Keras; false unless given. */
  epsHat: boolean;
  /** Whether the largest second moment so far is used. */
  amsgrad: boolean;
}

const pytorch: AdamGroupOptions = {
  ...groupDefaults,
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  epsHat: false,
  amsgrad: false,
};

const keras: AdamGroupOptions = { ...pytorch, eps: 1e-7, epsHat: true, decay: 'decoupled' };

/** What Adam and AdamW share: all but where weight decay acts. */
abstract class AdamFamily extends Optimizer<AdamGroupOptions> {
  protected override own(
    { betas, eps, epsHat, amsgrad }: ParamGroup<AdamGroupOptions>,
    owner: string,
  ): object {
    flag(owner, 'amsgrad', amsgrad);
    return { ...betasOf(owner, betas), eps, epsHat };
  }

  protected override starts({ amsgrad }: ParamGroup<AdamGroupOptions>): Starts {
    return [0, 0, amsgrad ? 0 : undefined];
  }
}

/**
 * Adam, with PyTorch's defaults: lr 1e-3, betas [.9, .999], eps 1e-8, and `weightDecay` coupled
 * into the gradient, where the adaptive scale swallows most of it.
 *
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 */
export class Adam extends AdamFamily {
  constructor(params: Params<AdamGroupOptions>, options: PresetOptions<AdamGroupOptions> = {}) {
    super('optim.Adam', 'adam', params, { pytorch, keras }, options);
  }
}

/**
 * AdamW, with PyTorch's defaults: Adam whose `weightDecay`, .01 unless given, is decoupled:
 * w ← w(1 − lr·weightDecay). Keras' is .004.
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 */
export class AdamW extends AdamFamily {
  constructor(params: Params<AdamGroupOptions>, options: PresetOptions<AdamGroupOptions> = {}) {
    const presets = {
      pytorch: { ...pytorch, weightDecay: 0.01, decay: 'decoupled' },
      keras: { ...keras, weightDecay: 0.004 },
    } as const;
    super('optim.AdamW', 'adam', params, presets, options);
  }
}
