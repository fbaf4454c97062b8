import { writeSgd } from '../kernels/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { groupDefaults, type GroupInput, type GroupOptions, type ParamGroup } from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link SGD}. */
export interface SGDOptions extends GroupOptions {
  /** μ; 0 unless given. */
  momentum: number;
  /** How much of a gradient the buffer does not take; 0 unless given. */
  dampening: number;
  /** Nesterov's look-ahead; needs momentum and no dampening. */
  nesterov: boolean;
}

const defaults: SGDOptions = { ...groupDefaults, lr: 1e-3, momentum: 0, dampening: 0, nesterov: false };

/**
 * Stochastic gradient descent, with PyTorch's defaults: lr 1e-3, `weightDecay` coupled.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(
    params: readonly Tensor[] | readonly GroupInput<SGDOptions>[],
    options: Partial<SGDOptions> = {},
  ) {
    super('optim.SGD', 'sgd', params, defaults, options);
  }

  protected override writeOwn(
    numbers: Float64Array,
    base: number,
    owner: string,
    group: ParamGroup<SGDOptions>,
  ): void {
    writeSgd(numbers, base, owner, group);
  }

  protected override needs(group: ParamGroup<SGDOptions>): readonly boolean[] {
    return [group.momentum !== 0];
  }
}
