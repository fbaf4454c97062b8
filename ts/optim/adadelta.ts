import { groupDefaults, type GroupOptions, type Params, type PresetOptions } from './group.ts';
import { Optimizer } from './optimizer.ts';

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions extends GroupOptions {
  /** Rate of both averages of squares; .9 unless given. */
  rho: number;
  /** Added to both under their roots; 1e-6 unless given. */
  eps: number;
}

const pytorch: AdadeltaOptions = { ...groupDefaults, lr: 1, rho: 0.9, eps: 1e-6 };

const keras: AdadeltaOptions = { ...pytorch, lr: 1e-3, rho: 0.95, eps: 1e-7, decay: 'decoupled' };

/**
 * Adadelta, steps as large as the steps of late, with PyTorch's defaults: lr 1, rho .9, eps 1e-6,
 * `weightDecay` coupled.
 *
 * @see Zeiler 2012, https://arxiv.org/abs/1212.5701
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(params: Params<AdadeltaOptions>, options: PresetOptions<AdadeltaOptions> = {}) {
    super('optim.Adadelta', 'adadelta', params, { pytorch, keras }, options);
  }
}
