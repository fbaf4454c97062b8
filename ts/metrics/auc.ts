import { ops } from '../native.ts';
import { allocateInts } from '../tensor/memory.ts';
import { checkTarget, labelsOf, rowsOf, type ScoreOptions, type Scores, scoresOf } from './classes.ts';
import { measured, type Metric, ownerOf, refuseShape, type Samples } from './metric.ts';

const owner = ownerOf('auc');

/**
 * The area under the ROC curve of two classes: the share of pairs of a sample of class 1 and one of class
 * 0 in which the first has the higher score, equal scores counting half. NaN where all samples are of
 * one class, as scikit-learn has it, and where a score is NaN.
 *
 * @param output [n] or [n, 1] scores of class 1, of any scale; or [n, 2], logits (their difference counts)
 *   or probabilities (the last one counts).
 * @param target [n] classes, 0 or 1: int32, or floating-point numbers.
 * @see scikit-learn's `roc_auc_score`; Hanley & McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747
 */
export function auc(output: Samples, target: Samples, options: ScoreOptions = {}): number {
  return measured(aucOf(scoresOf(owner, options)), output, target);
}

/** {@link auc} of such outputs. */
export function aucOf(from: Scores): Metric {
  return {
    name: 'auc',
    mean: false,
    classes: true,
    check(output, target) {
      const { rows, width } = rowsOf(owner, output);
      const fix = 'A ROC curve is that of two classes.';
      if (width > 2) refuseShape(owner, 'output', 'scores [n], [n, 1] or [n, 2]', output, fix);
      checkTarget(owner, target, rows, width);
    },
    add(output, target, figure) {
      const { data, rows, width } = rowsOf(owner, output);
      const order = allocateInts(rows);
      const margin = from === 'logits' ? 1 : 0;
      ops['auc']!(data, labelsOf(owner, target), order, figure, rows, width, margin);
    },
  };
}
