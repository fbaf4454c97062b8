import type { MetricName } from '../metrics/metric.ts';

/** A loss in its parts: what the data cost, what the weights paid, and their sum. */
export interface LossParts {
  /** The mean data loss. */
  readonly data: number;
  /** The penalties of the optimizer's groups; never weight decay. */
  readonly penalty: number;
  readonly total: number;
}

/** {@link LossParts}, the accuracy where targets are classes, and the metrics that were asked for. */
export interface Score extends LossParts, Readonly<Partial<Record<MetricName, number>>> {}

/** One epoch. */
export interface Epoch {
  /** Its number, from 1. */
  readonly epoch: number;
  /** Means over the steps of the epoch, each before its step; NaN where all were skipped. */
  readonly train: Score;
  /** Of the weights at the end of the epoch; of their averages where they are averaged. */
  readonly validation?: Score;
  /** Weights of the optimizer's groups that were exactly 0 after the last step. */
  readonly zeros: number;
  /** ‖w‖₂ over the optimizer's groups after the last step. */
  readonly weightNorm: number;
  /** Steps that were left out because they were not finite (`nonFinite: 'skip'`); no mean has them. */
  readonly skipped: number;
}
