import type { Batch } from '../data/index.ts';
import { nonNegative } from '../check.ts';
import type { Loss, Module } from '../nn/index.ts';
import { noGrad } from '../tensor/tensor.ts';
import type { Score } from './history.ts';
import { Meter } from './meter.ts';

/**
 * The loss of a model on samples, in its parts, without recording a gradient.
 *
 * @param penalty what the weights pay: the same number that training reports; 0 unless given.
 */
export function evaluate(model: Module, samples: Batch, loss: Loss, penalty = 0): Score {
  nonNegative('evaluate', 'penalty', penalty);
  const meter = new Meter();
  measure(model, samples, loss, meter);
  const [data, , correct] = meter.figures;
  return meter.score(1, 1, [data!, penalty, correct! / samples.x.shape[0]!]);
}

/** Adds the mean loss of a model on samples, and how many are right, to a meter; nothing is recorded. */
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
