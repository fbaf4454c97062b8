import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { sameShape, showShape, sizeOf } from '../shape.ts';
import { allocateLike, floatData, floatDType, intData } from '../value.ts';
import { pair } from './arithmetic.ts';
import { commonShape, repeated } from './broadcast.ts';

const names = ['input', 'target'] as const;

/** What of its gradient a loss of each element passes on. */
interface Passing {
  readonly x: FloatArray;
  readonly y: FloatArray;
  readonly gradient: FloatArray;
  readonly numbers: readonly number[];
}

/** A loss of each element of input and target, of one shape, with its gradients by either. */
function elementwise<Numbers extends readonly number[]>(
  name: string,
  entry: string,
  byInput: (passing: Passing, out: FloatArray) => void,
  byTarget: (passing: Passing, out: FloatArray) => void,
): Operation<Numbers> {
  return {
    name,
    forward(inputs, numbers) {
      const [x, y] = pair(name, inputs, names);
      const data = allocateLike(inputs[0]!, x.length);
      ops[entry]!(x, y, data, x.length, ...numbers);
      return { data, shape: inputs[0]!.shape, saved: { arrays: [], numbers } };
    },
    backward(gradient, inputs, { numbers }, target) {
      const [x, y] = pair(name, inputs, names);
      const [first, second] = [target(0), target(1)];
      if (first !== undefined) byInput({ x, y, gradient, numbers }, first);
      if (second !== undefined) byTarget({ x, y, gradient, numbers }, second);
    },
  };
}

/** (x − y)². */
export const squaredError: Operation<readonly []> = elementwise(
  'mseLoss',
  'squared_error',
  ({ x, y, gradient }, out) => ops['squared_error_gradient']!(x, y, gradient, out, out.length),
  ({ x, y, gradient }, out) => ops['squared_error_gradient']!(y, x, gradient, out, out.length),
);

/** scale·d²/(2·beta) where d = |x − y| is below beta, scale·(d − beta/2) elsewhere; under the name of a loss. */
export const bentError = (name: string): Operation<readonly [beta: number, scale: number]> =>
  elementwise(
    name,
    'smooth_l1',
    ({ x, y, gradient, numbers }, out) =>
      ops['smooth_l1_gradient']!(x, y, gradient, out, out.length, ...numbers),
    ({ x, y, gradient, numbers }, out) =>
      ops['smooth_l1_gradient']!(y, x, gradient, out, out.length, ...numbers),
  );

/** −y·ln x − (1 − y)·ln(1 − x). */
export const probabilityError: Operation<readonly []> = elementwise(
  'binaryCrossEntropy',
  'binary_cross_entropy',
  ({ x, y, gradient }, out) => ops['binary_cross_entropy_gradient']!(x, y, gradient, out, out.length),
  ({ x, gradient }, out) => ops['binary_cross_entropy_by_target']!(x, gradient, out, out.length),
);

/** y·(ln y − x), or with a logarithm as target eʸ·(y − x). */
export const divergence: Operation<readonly [logTarget: number]> = elementwise(
  'klDiv',
  'divergence',
  ({ y, gradient, numbers }, out) => ops['divergence_gradient']!(y, gradient, out, out.length, ...numbers),
  ({ x, y, gradient, numbers }, out) =>
    ops['divergence_by_target']!(x, y, gradient, out, out.length, ...numbers),
);

/** No weights. Not a result: a captured step takes it for a constant. */
const none = { float32: new Float32Array(0), float64: new Float64Array(0) };

function positiveWeights(owner: string, [input, , weight]: readonly Value[]): FloatArray {
  if (weight === undefined) return none[floatDType(input!)];
  if (weight.dtype !== input!.dtype) {
    const expected = `of ${input!.dtype} as \`input\` is`;
    const fix = `Convert it with to('${input!.dtype}').`;
    throw new ArgumentError('ERR_TYPE', owner, 'posWeight', expected, weight.dtype, fix);
  }
  const { shape } = input!;
  if (!sameShape(commonShape(owner, 'posWeight', shape, weight.shape), shape)) {
    const expected = `of a shape that broadcasts to ${showShape(shape)}`;
    throw new ArgumentError('ERR_SHAPE', owner, 'posWeight', expected, showShape(weight.shape));
  }
  return repeated(owner, 'posWeight', weight, shape) as FloatArray;
}

/** −p·y·ln σ(x) − (1 − y)·ln(1 − σ(x)), p being input 2 if it is there, which gets no gradient. */
export const logisticError: Operation<void> = {
  name: 'binaryCrossEntropyWithLogits',
  forward(inputs) {
    const owner = 'binaryCrossEntropyWithLogits';
    const [x, y] = pair(owner, inputs, names);
    const p = positiveWeights(owner, inputs);
    const data = allocateLike(inputs[0]!, x.length);
    ops['logistic_error']!(x, y, p, data, x.length, p.length);
    return { data, shape: inputs[0]!.shape };
  },
  backward(gradient, inputs, _saved, target) {
    const owner = 'binaryCrossEntropyWithLogits';
    const [x, y] = pair(owner, inputs, names);
    const p = positiveWeights(owner, inputs);
    const [byX, byY] = [target(0), target(1)];
    if (byX !== undefined) ops['logistic_error_gradient']!(x, y, p, gradient, byX, x.length, p.length);
    if (byY !== undefined) ops['logistic_error_by_target']!(x, p, gradient, byY, x.length, p.length);
  },
};

/** How labels are scored. */
export interface LabelAttributes {
  readonly owner: string;
  /** The label that does not count. */
  readonly ignoreIndex: number;
  readonly smoothing: number;
  /** Called with the weight of each label's class, 0 where it does not count. */
  readonly seen: (counted: FloatArray) => void;
}

/** The lengths before, along and behind the axis of classes: the second, or the only one. */
function aroundClasses({ shape }: Value): readonly [outer: number, classes: number, inner: number] {
  return shape.length === 1 ? [1, shape[0]!, 1] : [shape[0]!, shape[1]!, sizeOf(shape.slice(2))];
}

const weightsOf = (owner: string, [logs, , weight]: readonly Value[]): FloatArray =>
  weight === undefined ? none[floatDType(logs!)] : floatData(owner, 'weight', weight);

/**
 * −(1 − ε)·w[label]·log[label] − ε/C·Σ w·log of each label, of logarithms of probabilities; input 2 are weights
 * of classes if it is there. Labels and weights get no gradient.
 */
export const labelLoss: Operation<LabelAttributes> = {
  name: 'nllLoss',
  forward(inputs, { owner, ignoreIndex, smoothing, seen }) {
    const [logs, target] = [inputs[0]!, inputs[1]!];
    const dims = aroundClasses(logs);
    const shape = logs.shape.length === 1 ? [] : logs.shape.toSpliced(1, 1);
    const labels = intData(owner, 'target', target);
    const weights = weightsOf(owner, inputs);
    const [data, counted] = [allocateLike(logs, labels.length), allocateLike(logs, labels.length)];
    const numbers = [...dims, weights.length, ignoreIndex, smoothing];
    ops['label_loss']!(floatData(owner, 'input', logs), labels, weights, data, counted, ...numbers);
    seen(counted);
    return { data, shape, saved: { arrays: [], numbers: [ignoreIndex, smoothing] } };
  },
  backward(gradient, inputs, { numbers }, target) {
    const out = target(0);
    if (out === undefined) return;
    const [labels, weights] = [intData('nllLoss', 'target', inputs[1]!), weightsOf('nllLoss', inputs)];
    const dims = aroundClasses(inputs[0]!);
    ops['label_loss_gradient']!(labels, weights, gradient, out, ...dims, weights.length, ...numbers);
  },
};
