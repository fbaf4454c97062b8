import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { showShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData } from '../tensor/value.ts';
import { measured, type Metric, type MetricName, ownerOf, refuseShape, type Samples } from './metric.ts';

/**
 * The mean of |output − target| over all elements.
 *
 * @param output [n, …].
 * @param target of the same shape and precision.
 * @see scikit-learn's `mean_absolute_error`.
 */
export function mae(output: Samples, target: Samples): number {
  return measured(meanAbsoluteError, output, target);
}

/**
 * R² = 1 − Σ(target − output)²/Σ(target − mean)², the mean over columns: 1 is perfect, 0 as good as the
 * mean. Where all targets of a column are alike it is 1 if the outputs are the same, else 0; NaN of
 * fewer than two samples.
 *
 * @param output [n] or [n, columns].
 * @param target of the same shape and precision.
 * @see scikit-learn's `r2_score`.
 */
export function r2(output: Samples, target: Samples): number {
  return measured(determination, output, target);
}

/** {@link mae}. */
export const meanAbsoluteError: Metric = {
  name: 'mae',
  mean: true,
  classes: false,
  check: (output, target) => checkPair('mae', output, target),
  add(output, target, figure) {
    const [x, y] = dataOf('mae', output, target);
    // Per sample, so that the mean over samples is that over all elements.
    ops['add_distance']!(x, y, figure, x.length, x.length / (output.shape[0]! || 1));
  },
};

/** {@link r2}. */
export const determination: Metric = {
  name: 'r2',
  mean: false,
  classes: false,
  check(output, target) {
    if (output.shape.length > 2) refuseShape(ownerOf('r2'), 'output', '[n] or [n, columns]', output);
    checkPair('r2', output, target);
  },
  add(output, target, figure) {
    const [x, y] = dataOf('r2', output, target);
    const [rows, columns = 1] = output.shape;
    ops['r2']!(x, y, figure, rows!, columns);
  },
};

function checkPair(name: MetricName, output: Tensor, target: Tensor): void {
  const owner = ownerOf(name);
  if (output.shape.length === 0) refuseShape(owner, 'output', 'samples [n, …]', output);
  const kindOf = ({ dtype, shape }: Tensor): string => `${dtype} of shape ${showShape(shape)}`;
  if (kindOf(output) === kindOf(target)) return;
  throw new ArgumentError('ERR_SHAPE', owner, 'target', `${kindOf(output)} as \`output\` is`, kindOf(target));
}

function dataOf(name: MetricName, output: Tensor, target: Tensor): readonly [FloatArray, FloatArray] {
  const owner = ownerOf(name);
  return [floatData(owner, 'output', output), floatData(owner, 'target', target)];
}
