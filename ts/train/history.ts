import { RidgelineError } from '../errors.ts';

/** A loss in its parts: what the data cost, what the weights paid, and their sum. */
export interface LossParts {
  /** The mean data loss. */
  readonly data: number;
  /** The penalties of the optimizer's groups; never weight decay. */
  readonly penalty: number;
  readonly total: number;
}

/** {@link LossParts}, and the share of samples whose largest output is their class (for classes). */
export interface Score extends LossParts {
  readonly accuracy?: number;
}

/** One epoch. */
export interface Epoch {
  /** Its number, from 1. */
  readonly epoch: number;
  /** Means over the steps of the epoch, each before its step. */
  readonly train: Score;
  /** Of the weights at the end of the epoch. */
  readonly validation?: Score;
  /** Weights of the optimizer's groups that were exactly 0 after the last step. */
  readonly zeros: number;
  /** ‖w‖₂ over the optimizer's groups after the last step. */
  readonly weightNorm: number;
}

/** The weights after the epoch that did best. */
export interface Best {
  /** Its number, from 1. */
  readonly epoch: number;
  /** What it was judged by: the total loss of the validation part, of the training part without one. */
  readonly loss: number;
  /** Puts its weights back into the model. */
  restore(): void;
}

/** The epochs of a run, in order; printed, a table of them. */
export class History extends Array<Epoch> {
  /** The best epoch, where the run looked out for it (`earlyStopping`). */
  best: Best | undefined;

  /** What `map` and its like make are plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** A line an epoch: losses in their parts, accuracy, zeros. */
  override toString(): string {
    const parts = (name: string, { data, penalty, total, accuracy }: Score): string =>
      `${name} ${total.toFixed(4)} = ${data.toFixed(4)} + ${penalty.toFixed(4)}` +
      (accuracy === undefined ? '' : `, accuracy ${(100 * accuracy).toFixed(1)} %`);
    return [...this]
      .map(({ epoch, train, validation, zeros, weightNorm }) =>
        [
          `epoch ${epoch}`,
          parts('train', train),
          ...(validation === undefined ? [] : [parts('validation', validation)]),
          `${zeros} zeros`,
          `norm ${weightNorm.toFixed(3)}`,
        ].join(' · '),
      )
      .join('\n');
  }
}

/** Thrown when a run was aborted: what it had done is here, and the weights are those of the last step. */
export class AbortError extends RidgelineError {
  override readonly name: string = 'AbortError';
  readonly history: History;

  constructor(history: History, reason: unknown) {
    super('ERR_ABORT', `fit: aborted after ${history.length} whole epochs`, { cause: reason });
    this.history = history;
  }
}
