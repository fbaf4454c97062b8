import { KnownKeys, nonNegative } from '../check.ts';
import type { Batch } from '../data/index.ts';
import { chosenMetrics, type MetricChoice } from '../metrics/choice.ts';
import type { Loss, Module } from '../nn/index.ts';
import { noGrad } from '../tensor/tensor.ts';
import type { Score } from './epoch.ts';
import { Meter } from './meter.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** What the weights pay: the same number that training reports; 0 unless given. */
  readonly penalty?: number;
  /** What to measure beside the loss, and beside the accuracy of classes; nothing unless given. */
  readonly metrics?: readonly MetricChoice[];
}

const known = new KnownKeys(['penalty', 'metrics']);

/**
 * The loss of a model on samples, in its parts, and metrics of them, without recording a gradient.
 *
 * @param options a number is the penalty.
 * @example
 * const { total, auc } = evaluate(model, test, loss, { metrics: ['auc'] });
 */
export function evaluate(
  model: Module,
  samples: Batch,
  loss: Loss,
  options: EvaluateOptions | number = {},
): Score {
  const given = typeof options === 'number' ? { penalty: options } : options;
  known.check('evaluate', given);
  const { penalty = 0, metrics = [] } = given;
  nonNegative('evaluate', 'penalty', penalty);
  const meter = new Meter(chosenMetrics('evaluate', metrics));
  measure(model, samples, loss, meter);
  const score = meter.score(meter.figures, samples.x.shape[0]!);
  return { ...score, penalty, total: score.data + penalty };
}

/** Measures a model on samples, once, by a meter that was cleared; nothing is recorded. */
export function measure(model: Module, samples: Batch, loss: Loss, meter: Meter): void {
  const before = model.training;
  model.eval();
  try {
    noGrad(() => {
      const output = model.forward(samples.x);
      meter.add(1, loss.forward(output, samples.y), output, samples.y);
    });
  } finally {
    model.train(before);
  }
}
