import { finite, flag, KnownKeys, nonNegative } from '../check.ts';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { allocateKept } from './memory.ts';
import { type Shape, showShape } from './shape.ts';
import { backpropagate } from './tape.ts';
import { noGrad, type Tensor } from './tensor.ts';
import { floatData } from './value.ts';

/** Options of {@link gradcheck}. */
export interface GradcheckOptions {
  /** How far inputs are moved, each way; 1e-6 unless given. */
  readonly eps?: number;
  /** Differences up to this are none; 1e-5 unless given. */
  readonly atol?: number;
  /** And up to this times the central difference; 1e-3 unless given. */
  readonly rtol?: number;
  /** Whether it throws where it would answer false; true unless given. */
  readonly raiseException?: boolean;
}

const gradcheckKeys = new KnownKeys(['eps', 'atol', 'rtol', 'raiseException']);

/**
 * Whether the gradients of `fn` by `backward` are those of central differences: each element of each result, by
 * each element of each input that requires a gradient. As PyTorch's `gradcheck`.
 *
 * @param fn of these inputs: a tensor, or several. It must compute the same at each call.
 * @param inputs float64: in single precision a difference is mostly rounding. Their numbers are moved, and put back.
 * @throws {RidgelineError} `ERR_VALUE` naming the first element that differs, unless `raiseException` is false.
 * @example
 * const x = tensor(Float64Array.of(0.5, -2), { requiresGrad: true });
 * gradcheck((x) => x.exp().mul(x), [x]); // true
 */
export function gradcheck<Inputs extends readonly Tensor[]>(
  fn: (...inputs: Inputs) => Tensor | readonly Tensor[],
  inputs: Inputs,
  options: GradcheckOptions = {},
): boolean {
  const { eps, atol, rtol, raiseException } = settings(options);
  const leaves = leavesOf(inputs);
  const run = (): readonly Tensor[] => [fn(...inputs)].flat();
  const grads = leaves.map(({ tensor }) => tensor.grad);
  try {
    for (const slope of slopes(run, leaves, eps)) {
      const { analytic, numeric } = slope;
      if (Math.abs(analytic - numeric) <= atol + rtol * Math.abs(numeric)) continue;
      if (raiseException) throw new RidgelineError('ERR_VALUE', told(slope));
      return false;
    }
    return true;
  } finally {
    for (const [l, { tensor }] of leaves.entries()) tensor.grad = grads[l]!;
  }
}

function settings(options: GradcheckOptions): Required<GradcheckOptions> {
  gradcheckKeys.check('gradcheck', options);
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options;
  if (finite('gradcheck', 'eps', eps) <= 0) {
    throw new ArgumentError('ERR_OPTION', 'gradcheck', 'eps', 'a number > 0', eps);
  }
  nonNegative('gradcheck', 'atol', atol);
  nonNegative('gradcheck', 'rtol', rtol);
  flag('gradcheck', 'raiseException', raiseException);
  return { eps, atol, rtol, raiseException };
}

/** An input with a gradient, and its number. */
interface Leaf {
  readonly number: number;
  readonly tensor: Tensor;
  readonly data: Float64Array;
}

function leavesOf(inputs: readonly Tensor[]): Leaf[] {
  const leaves = inputs.flatMap((tensor, number): Leaf[] => {
    if (!tensor.requiresGrad) return [];
    const data = floatData('gradcheck', `inputs[${number}]`, tensor);
    if (data instanceof Float64Array && tensor.node === undefined) return [{ number, tensor, data }];
    const got = tensor.node === undefined ? 'one of float32' : 'the result of an operation';
    throw new ArgumentError('ERR_TYPE', 'gradcheck', `inputs[${number}]`, 'a float64 leaf', got);
  });
  if (leaves.length > 0) return leaves;
  const expected = 'tensors of which one requires a gradient';
  throw new ArgumentError('ERR_TYPE', 'gradcheck', 'inputs', expected, `${inputs.length} without`);
}

/** An element of a tensor, as errors name it. */
interface Place {
  readonly what: string;
  readonly shape: Shape;
  readonly index: number;
}

/** Two derivatives, and of what by what. */
interface Slope {
  readonly result: Place;
  readonly input: Place;
  readonly analytic: number;
  readonly numeric: number;
}

/** The derivatives of each element of each result by each of each input. */
function* slopes(run: () => readonly Tensor[], leaves: readonly Leaf[], eps: number): Generator<Slope> {
  const numeric = leaves.map(({ data }) => numericSlopes(run, data, eps));
  for (const [r, { shape, size }] of noGrad(run).entries()) {
    for (let j = 0; j < size; j++) {
      const result = { what: `result ${r}`, shape, index: j };
      yield* analyticSlopes(run, leaves, r, j).flatMap((row, l) =>
        row.map((analytic, i) => {
          const { number, tensor } = leaves[l]!;
          const input = { what: `input ${number}`, shape: tensor.shape, index: i };
          return { result, input, analytic, numeric: numeric[l]![i]![r]![j]! };
        }),
      );
    }
  }
}

/** [element of the input][result][element of the result]: (f(x + eps) − f(x − eps))/2eps. */
function numericSlopes(run: () => readonly Tensor[], x: Float64Array, eps: number): number[][][] {
  const at = (i: number, value: number): number[][] => {
    const before = x[i]!;
    x[i] = value;
    try {
      return noGrad(run).map(({ data }) => Array.from(data));
    } finally {
      x[i] = before;
    }
  };
  return Array.from(x, (value, i) => {
    const [above, below] = [at(i, value + eps), at(i, value - eps)];
    return above.map((result, r) => result.map((y, j) => (y - below[r]![j]!) / (2 * eps)));
  });
}

/** The gradient of element j of result r by each leaf; zeros where none flows. */
function analyticSlopes(
  run: () => readonly Tensor[],
  leaves: readonly Leaf[],
  r: number,
  j: number,
): (readonly number[])[] {
  for (const { tensor } of leaves) tensor.grad = null;
  const { node, size } = run()[r]!.mul(1); // on the tape even where a result is an input itself
  if (node !== undefined) {
    const seed = allocateKept('float64', size);
    seed[j] = 1;
    backpropagate(node, seed);
  }
  return leaves.map(({ tensor }) => Array.from(tensor.grad?.data ?? new Float64Array(tensor.size)));
}

/** `result 0 at [1, 2]`. */
function shownPlace({ what, shape, index }: Place): string {
  let rest = index;
  const at = shape.toReversed().map((length) => {
    const here = rest % length;
    rest = (rest - here) / length;
    return here;
  });
  return `${what} at ${showShape(at.toReversed())}`;
}

function told({ result, input, analytic, numeric }: Slope): string {
  return (
    `gradcheck: the gradient of ${shownPlace(result)} by ${shownPlace(input)} is ${analytic} by backward() ` +
    `and ${numeric} by central differences.`
  );
}
