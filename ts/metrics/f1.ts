import { ArgumentError } from '../errors.ts';
import { ops } from '../native.ts';
import { allocate, allocateInts } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  checkTarget,
  labelsOf,
  rowsOf,
  type ScoreOptions,
  type Scores,
  scoresOf,
  thresholdOf,
} from './classes.ts';
import { measured, type Metric, ownerOf, type Samples } from './metric.ts';

const owner = ownerOf('f1');

/**
 * F1, the harmonic mean of precision and recall, 2·hits/(predicted + true): of class 1 where there are two
 * classes, else the mean over the classes that are predicted or true (macro). 0 where nothing is of class
 * 1 and nothing is predicted to be, as scikit-learn's `zero_division=0` has it. What is predicted is as for
 * {@link accuracy}.
 *
 * @param output [n, classes] scores, or [n] or [n, 1] of class 1; or int32 [n], classes already, of which
 *   there are then as many as the largest that occurs says, at least two.
 * @param target int32 [n]; where there are two classes also 0 and 1 as floating-point numbers.
 * @see scikit-learn's `f1_score`.
 */
export function f1(output: Samples, target: Samples, options: ScoreOptions = {}): number {
  return measured(f1Of(scoresOf(owner, options)), output, target);
}

/** {@link f1} of such outputs. */
export function f1Of(from: Scores): Metric {
  return {
    name: 'f1',
    mean: false,
    classes: true,
    check(output, target) {
      if (output.array instanceof Int32Array) checkTarget(owner, target, output.size, 2);
      else checkTarget(owner, target, rowsOf(owner, output).rows, rowsOf(owner, output).width);
    },
    add(output, target, figure) {
      const labels = labelsOf(owner, target);
      const { predicted, classes } = predictedBy(output, labels, from);
      const counts = allocate('float64', 3 * classes);
      ops['f1']!(labels, predicted, counts, figure, labels.length, classes);
    },
  };
}

/** The classes that `output` is for, and how many there are. */
function predictedBy(
  output: Tensor,
  labels: Int32Array,
  from: Scores,
): { readonly predicted: Int32Array; readonly classes: number } {
  const { array } = output;
  if (array instanceof Int32Array) return { predicted: array, classes: countOf(array, labels) };
  const { data, rows, width } = rowsOf(owner, output);
  const predicted = allocateInts(rows);
  ops['classes']!(data, predicted, rows, width, thresholdOf(from));
  return { predicted, classes: Math.max(width, 2) };
}

/** How many classes there are where only labels say so: numbers far beyond the samples are none. */
function countOf(predicted: Int32Array, labels: Int32Array): number {
  let largest = 1;
  for (const label of predicted) largest = Math.max(largest, label);
  for (const label of labels) largest = Math.max(largest, label);
  if (largest < MOST) return largest + 1;
  throw new ArgumentError('ERR_VALUE', owner, 'target', `classes below ${MOST}`, largest);
}

/** Three numbers are counted for each class. */
const MOST = 2 ** 20;
