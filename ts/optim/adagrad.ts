import { nonNegative } from '../check.ts';
import {
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';
import type { Starts } from './state.ts';

/** Options of {@link Adagrad}. */
export interface AdagradOptions extends GroupOptions {
  /** What lr is divided by more at each step: lrₜ = lr/(1 + (t − 1)·lrDecay); 0 unless given. */
  lrDecay: number;
  /** What the sums of squares start from; 0 unless given. */
  initialAccumulatorValue: number;
  /** Added to √s; 1e-10 unless given. */
  eps: number;
  /** Whether `eps` is added to s under the root instead, as in Keras; false unless given. */
  epsInside: boolean;
}

const pytorch: AdagradOptions = {
  ...groupDefaults,
  lr: 1e-2,
  lrDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  epsInside: false,
};

const keras: AdagradOptions = {
  ...pytorch,
  lr: 1e-3,
  initialAccumulatorValue: 0.1,
  eps: 1e-7,
  epsInside: true,
  decay: 'decoupled',
};

/**
 * Adagrad, steps by the root of all squares so far, with PyTorch's defaults: lr 1e-2, lrDecay 0,
 * initialAccumulatorValue 0, eps 1e-10, `weightDecay` coupled.
 *
 * @see Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options: PresetOptions<AdagradOptions> = {}) {
    super('optim.Adagrad', 'adagrad', params, { pytorch, keras }, options);
  }

  protected override own(group: ParamGroup<AdagradOptions>, owner: string): object {
    nonNegative(owner, 'initialAccumulatorValue', group.initialAccumulatorValue);
    return group;
  }

  protected override starts({ initialAccumulatorValue }: ParamGroup<AdagradOptions>): Starts {
    return [initialAccumulatorValue];
  }
}
