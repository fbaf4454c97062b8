import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { showShape } from '../shape.ts';
import { allocateLike, floatData, intData } from '../value.ts';
import { pair } from './arithmetic.ts';

function labels(owner: string, target: Value, rows: number): Int32Array {
  if (target.shape.length !== 1 || target.shape[0] !== rows) {
    throw new ArgumentError(
      'ERR_SHAPE',
      owner,
      'target',
      `of shape [${rows}], one class a row`,
      showShape(target.shape),
    );
  }
  return intData(owner, 'target', target);
}

/** The mean over rows of −ln softmax(logits)[target]. */
export const crossEntropy: Operation<void> = {
  name: 'crossEntropy',
  forward([logits, target]) {
    const owner = 'crossEntropy';
    const [rows, classes, ...rest] = logits!.shape;
    if (rows === undefined || classes === undefined || rest.length > 0) {
      throw new ArgumentError(
        'ERR_SHAPE',
        owner,
        'logits',
        'a matrix [samples, classes]',
        showShape(logits!.shape),
      );
    }
    const truth = labels(owner, target!, rows);
    const probabilities = allocateLike(logits!, rows * classes);
    const data = allocateLike(logits!, 1);
    ops['cross_entropy']!(floatData(owner, 'logits', logits!), truth, probabilities, data, rows, classes);
    return { data, shape: [], saved: { arrays: [probabilities], numbers: [] } };
  },
  backward(gradient, [logits, target], saved, into) {
    const out = into(0);
    if (out === undefined) return;
    const [rows, classes] = logits!.shape;
    ops['cross_entropy_gradient']!(
      saved.arrays[0]!,
      labels('crossEntropy', target!, rows!),
      gradient,
      out,
      rows!,
      classes!,
    );
  },
};

/** The mean over all elements of (x − y)². */
export const meanSquaredError: Operation<void> = {
  name: 'mseLoss',
  forward(inputs) {
    const [x, y] = pair('mseLoss', inputs);
    const data = allocateLike(inputs[0]!, 1);
    ops['mse']!(x, y, data, x.length);
    return { data, shape: [] };
  },
  backward(gradient, inputs, _saved, target) {
    const [x, y] = pair('mseLoss', inputs);
    const byX = target(0);
    if (byX !== undefined) ops['mse_gradient']!(x, y, gradient, byX, x.length, x.length);
    const byY = target(1);
    if (byY !== undefined) ops['mse_gradient']!(y, x, gradient, byY, x.length, x.length);
  },
};

/** The mean over all elements of −ln σ(x)·y − ln(1 − σ(x))·(1 − y). */
export const logisticLoss: Operation<void> = {
  name: 'binaryCrossEntropyWithLogits',
  forward(inputs) {
    const [x, y] = pair('binaryCrossEntropyWithLogits', inputs, ['input', 'target']);
    const data = allocateLike(inputs[0]!, 1);
    ops['logistic_loss']!(x, y, data, x.length);
    return { data, shape: [] };
  },
  backward(gradient, inputs, _saved, target) {
    const [x, y] = pair('binaryCrossEntropyWithLogits', inputs, ['input', 'target']);
    const byX = target(0);
    if (byX !== undefined) ops['logistic_loss_gradient']!(x, y, gradient, byX, x.length, x.length);
    const byY = target(1);
    if (byY === undefined) return;
    // −x·upstream/n: through a temporary, for a target is hardly ever learned.
    const scale = allocateLike(inputs[1]!, y.length);
    ops['fill']!(gradient, scale, y.length, -y.length);
    ops['mul']!(scale, x, byY, y.length);
  },
};
