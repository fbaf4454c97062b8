import { flag } from '../check.ts';
import {
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';
import type { Starts } from './state.ts';

/** Options of {@link RMSprop}. */
export interface RMSpropOptions extends GroupOptions {
  /** Rate of the average of squares; .99 unless given. */
  alpha: number;
  /** Added to √v; 1e-8 unless given. */
  eps: number;
  /** μ; 0 unless given. */
  momentum: number;
  /** Whether the square of the average gradient is taken off: v is then the variance. */
  centered: boolean;
  /** Whether `eps` is added to v under the root instead, as in Keras; false unless given. */
  epsInside: boolean;
  /** Whether the buffer takes lr·g/D, as in Keras, and so keeps the rates of its past; false unless given. */
  lrInBuffer: boolean;
}

const pytorch: RMSpropOptions = {
  ...groupDefaults,
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  momentum: 0,
  centered: false,
  epsInside: false,
  lrInBuffer: false,
};

const keras: RMSpropOptions = {
  ...pytorch,
  lr: 1e-3,
  alpha: 0.9,
  eps: 1e-7,
  epsInside: true,
  lrInBuffer: true,
  decay: 'decoupled',
};

/**
 * RMSprop, steps by the root of an average of squares, with PyTorch's defaults: lr 1e-2, alpha .99,
 * eps 1e-8, no momentum, not centered, `weightDecay` coupled. Where rounding makes a centered v
 * negative it counts as 0; PyTorch has NaN there.
 *
 * @see Tieleman & Hinton 2012, lecture 6.5 of "Neural Networks for Machine Learning"; centered: Graves
 *   2013, https://arxiv.org/abs/1308.0850
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options: PresetOptions<RMSpropOptions> = {}) {
    super('optim.RMSprop', 'rmsprop', params, { pytorch, keras }, options);
  }

  protected override own(group: ParamGroup<RMSpropOptions>, owner: string): object {
    flag(owner, 'centered', group.centered);
    return group;
  }

  protected override starts({ centered, momentum }: ParamGroup<RMSpropOptions>): Starts {
    return [0, centered ? 0 : undefined, momentum === 0 ? undefined : 0];
  }
}
