import { flag } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { writeAdam } from '../kernels/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { groupDefaults, type GroupInput, type GroupOptions, type ParamGroup } from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamGroupOptions extends GroupOptions {
  /** Rates of the first and second moment; [.9, .999] unless given. */
  betas: readonly [number, number];
  /** Added to √v̂, outside the bias correction; 1e-8 unless given. */
  eps: number;
  /** Whether the largest second moment so far is used. */
  amsgrad: boolean;
}

const defaults: AdamGroupOptions = {
  ...groupDefaults,
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  amsgrad: false,
};

/** What Adam and AdamW share: all but where weight decay acts. */
abstract class AdamFamily extends Optimizer<AdamGroupOptions> {
  protected override writeOwn(
    numbers: Float64Array,
    base: number,
    owner: string,
    { betas, eps, amsgrad }: ParamGroup<AdamGroupOptions>,
  ): void {
    if (!Array.isArray(betas) || betas.length !== 2) {
      throw new ArgumentError('ERR_OPTION', owner, 'betas', 'two numbers', betas);
    }
    flag(owner, 'amsgrad', amsgrad);
    writeAdam(numbers, base, owner, { beta1: betas[0], beta2: betas[1], eps });
  }

  protected override needs(group: ParamGroup<AdamGroupOptions>): readonly boolean[] {
    return [true, true, group.amsgrad];
  }
}

/**
 * Adam, with PyTorch's defaults: lr 1e-3, betas [.9, .999], eps 1e-8, and `weightDecay` coupled
 * into the gradient, where the adaptive scale swallows most of it.
 *
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 */
export class Adam extends AdamFamily {
  constructor(
    params: readonly Tensor[] | readonly GroupInput<AdamGroupOptions>[],
    options: Partial<AdamGroupOptions> = {},
  ) {
    super('optim.Adam', 'adam', params, defaults, options);
  }
}

/**
 * AdamW, with PyTorch's defaults: Adam whose `weightDecay`, .01 unless given, is decoupled:
 * w ← w(1 − lr·weightDecay).
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 */
export class AdamW extends AdamFamily {
  constructor(
    params: readonly Tensor[] | readonly GroupInput<AdamGroupOptions>[],
    options: Partial<AdamGroupOptions> = {},
  ) {
    super('optim.AdamW', 'adam', params, { ...defaults, weightDecay: 0.01, decay: 'decoupled' }, options);
  }
}
