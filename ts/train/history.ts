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

/** Thrown when a run was aborted: what it had done is here, and the weights are those of the last step. */
export class AbortError extends RidgelineError {
  override readonly name: string = 'AbortError';
  readonly history: readonly Epoch[];

  constructor(history: readonly Epoch[], reason: unknown) {
    super('ERR_ABORT', `fit: aborted after ${history.length} whole epochs`, { cause: reason });
    this.history = history;
  }
}
