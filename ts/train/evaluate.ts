import type { Batch } from '../data/index.ts';
import { nonNegative } from '../check.ts';
import type { Loss, Module } from '../nn/index.ts';
import { noGrad, type Tensor } from '../tensor/tensor.ts';
import type { Score } from './history.ts';

/**
 * The loss of a model on samples, in its parts, without recording a gradient.
 *
 * @param penalty what the weights pay: the same number that training reports; 0 unless given.
 */
export function evaluate(model: Module, samples: Batch, loss: Loss, penalty = 0): Score {
  nonNegative('evaluate', 'penalty', penalty);
  const before = model.training;
  model.eval();
  try {
    return noGrad(() => {
      const output = model.forward(samples.x);
      return score(loss.forward(output, samples.y).item(), penalty, accuracy(output, samples.y));
    });
  } finally {
    model.train(before);
  }
}

/** A score of its parts; the accuracy only where there is one. */
export function score(data: number, penalty: number, correct: number | undefined): Score {
  const parts = { data, penalty, total: data + penalty };
  return correct === undefined ? parts : { ...parts, accuracy: correct };
}

/** The share of rows of `output` whose largest entry is at `target`; undefined unless targets are classes. */
export function accuracy(output: Tensor, target: Tensor): number | undefined {
  const [rows, classes] = output.shape;
  if (!(target.data instanceof Int32Array) || rows === undefined || classes === undefined) return undefined;
  let correct = 0;
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (output.data[row * classes + c]! > output.data[row * classes + best]!) best = c;
    }
    if (best === target.data[row]) correct++;
  }
  return correct / rows;
}
