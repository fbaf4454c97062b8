import { ArgumentError } from '../errors.ts';
import { ops } from '../native.ts';
import { recording } from '../recorder.ts';
import { checkTarget, labelsOf, rowsOf, type ScoreOptions, type Scores, scoresOf } from './classes.ts';
import { measured, type Metric, ownerOf, type Samples } from './metric.ts';

const owner = ownerOf('logLoss');

/**
 * The mean of −ln p(target): the loss of `nn.CrossEntropyLoss` and `nn.BCEWithLogitsLoss`, in double
 * precision. Probabilities are taken to be at least ε and at most 1 − ε of their precision.
 *
 * @param output [n, classes] logits, or probabilities `from: 'probabilities'`; or [n] or [n, 1] of class 1.
 * @param target int32 [n]; where there are two classes also 0 and 1 as floating-point numbers.
 * @throws {ArgumentError} `ERR_VALUE` for a probability below 0 or above 1 (in `fit` the figure is NaN).
 * @see scikit-learn's `log_loss`, all classes being known by the outputs.
 */
export function logLoss(output: Samples, target: Samples, options: ScoreOptions = {}): number {
  return measured(logLossOf(scoresOf(owner, options)), output, target);
}

/** {@link logLoss} of such outputs. */
export function logLossOf(from: Scores): Metric {
  return {
    name: 'logLoss',
    mean: true,
    classes: true,
    check(output, target) {
      const { rows, width } = rowsOf(owner, output);
      checkTarget(owner, target, rows, width);
    },
    add(output, target, figure) {
      const { data, rows, width } = rowsOf(owner, output);
      if (from === 'probabilities' && recording.now === undefined) checkProbabilities(data);
      const probabilities = from === 'probabilities' ? 1 : 0;
      ops['log_loss']!(data, labelsOf(owner, target), figure, rows, width, probabilities);
    },
  };
}

function checkProbabilities(data: Float32Array | Float64Array): void {
  const at = data.findIndex((p) => p < 0 || p > 1);
  if (at < 0) return;
  const fix = "Of logits, leave out `from: 'probabilities'`.";
  throw new ArgumentError('ERR_VALUE', owner, `output[${at}]`, 'a probability', data[at]!, fix);
}
