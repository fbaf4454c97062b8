import { ops } from '../native.ts';
import {
  checkTarget,
  labelsOf,
  rowsOf,
  type ScoreOptions,
  type Scores,
  scoresOf,
  thresholdOf,
} from './classes.ts';
import { intData } from '../tensor/value.ts';
import { measured, type Metric, ownerOf, type Samples } from './metric.ts';

const owner = ownerOf('accuracy');

/**
 * The share of samples whose class is right: that of the largest score, the first of equal ones; of a
 * single score, class 1 above 0 (above ½ `from: 'probabilities'`). A score that is NaN is for no class.
 *
 * @param output [n, classes] scores, or [n] or [n, 1] of class 1; or int32 [n], classes already.
 * @param target int32 [n]; where there are two classes also 0 and 1 as floating-point numbers.
 * @see scikit-learn's `accuracy_score`.
 * @example
 * metrics.accuracy(predict(model, test.x), test.y);
 */
export function accuracy(output: Samples, target: Samples, options: ScoreOptions = {}): number {
  return measured(accuracyOf(scoresOf(owner, options)), output, target);
}

/** {@link accuracy} of such outputs. */
export function accuracyOf(from: Scores): Metric {
  return {
    name: 'accuracy',
    mean: true,
    classes: true,
    check(output, target) {
      if (output.array instanceof Int32Array) checkTarget(owner, target, output.size, 2);
      else checkTarget(owner, target, rowsOf(owner, output).rows, rowsOf(owner, output).width);
    },
    add(output, target, figure) {
      const labels = labelsOf(owner, target);
      if (output.array instanceof Int32Array) {
        ops['count_equal']!(intData(owner, 'output', output), labels, figure, labels.length);
        return;
      }
      const { data, rows, width } = rowsOf(owner, output);
      ops['count_correct']!(data, labels, figure, rows, width, thresholdOf(from));
    },
  };
}
