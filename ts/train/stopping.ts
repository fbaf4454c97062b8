import { finite, KnownKeys, whole } from '../check.ts';
import type { TensorArray } from '../tensor/dtype.ts';
import type { Epoch } from './epoch.ts';
import type { History } from './history.ts';
import type { FitOptimizer } from './learner.ts';

/** When a run ends before its last epoch, with the best weights in the model. */
export interface EarlyStopping {
  /** Epochs without a better loss after which it ends, at least 1. */
  readonly patience: number;
  /** What the loss must be lower by to be better; 0 unless given. */
  readonly minDelta?: number;
}

const known = new KnownKeys(['patience', 'minDelta']);

/** Looks out for the best epoch, and for the end. */
export class Stopping {
  readonly #patience: number;
  readonly #minDelta: number;

  constructor(options: EarlyStopping) {
    known.check('fit', options, 'earlyStopping');
    const { patience, minDelta = 0 } = options;
    this.#patience = whole('fit', 'earlyStopping.patience', patience, 1);
    this.#minDelta = finite('fit', 'earlyStopping.minDelta', minDelta);
  }

  /** Whether the run has gone on long enough without a better epoch than its best. */
  ends({ epoch, train, validation }: Epoch, history: History, { paramGroups }: FitOptimizer): boolean {
    const loss = (validation ?? train).total;
    const { best, average } = history;
    if (best === undefined || loss < best.loss - this.#minDelta) {
      const params = paramGroups.flatMap((group) => group.params);
      const keep = (): TensorArray[] => params.map(({ array }) => array.slice());
      // The weights that were scored: those of validation are averaged, where they are.
      const kept = validation === undefined || average === undefined ? keep() : average.use(keep);
      const restore = (): void =>
        params.forEach((param, i) => {
          param.array.set(kept[i]!);
          param.changed();
        });
      history.best = { epoch, loss, restore };
      return false;
    }
    return epoch - best.epoch >= this.#patience;
  }
}
