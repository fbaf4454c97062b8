import { checkNesterov } from '../kernels/options.ts';
import {
  groupDefaults,
  type GroupOptions,
  type ParamGroup,
  type Params,
  type PresetOptions,
} from './group.ts';
import { Optimizer } from './optimizer.ts';
import type { Starts } from './state.ts';

/** Options of {@link SGD}. */
export interface SGDOptions extends GroupOptions {
  /** μ; 0 unless given. */
  momentum: number;
  /** How much of a gradient the buffer does not take; 0 unless given. */
  dampening: number;
  /** Nesterov's look-ahead; needs momentum and no dampening. */
  nesterov: boolean;
  /** Whether the buffer takes lr·g, as in Keras, and so keeps the rates of its past; false unless given. */
  lrInBuffer: boolean;
}

const pytorch: SGDOptions = {
  ...groupDefaults,
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  lrInBuffer: false,
};

const keras: SGDOptions = { ...pytorch, lr: 1e-2, lrInBuffer: true, decay: 'decoupled' };

/**
 * Stochastic gradient descent, with PyTorch's defaults: lr 1e-3, `weightDecay` coupled.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Params<SGDOptions>, options: PresetOptions<SGDOptions> = {}) {
    super('optim.SGD', 'sgd', params, { pytorch, keras }, options);
  }

  protected override own(group: ParamGroup<SGDOptions>, owner: string): object {
    checkNesterov(owner, group);
    return group;
  }

  protected override starts({ momentum }: ParamGroup<SGDOptions>): Starts {
    return [momentum === 0 ? undefined : 0];
  }
}
