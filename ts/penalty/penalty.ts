import { KnownKeys, nonNegative, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { floats } from '../kernels/arrays.ts';
import { type FloatArray, ops } from '../native.ts';
import { recording } from '../recorder.ts';
import { elasticNet as operation } from '../tensor/ops/penalty.ts';
import { apply, Tensor } from '../tensor/tensor.ts';
import { allocateLike, floatData, ownData } from '../tensor/value.ts';

/** How the value of a penalty is counted in {@link Penalty.of}. */
export interface PenaltyOfOptions {
  /** `total` (the default) charges the sum; `sample` divides it by the first axis: an activation penalty. */
  readonly per?: 'total' | 'sample';
}

const ofKeys = new KnownKeys(['per']);
const decayKeys = new KnownKeys(['weightDecay']);
const strengthKeys = new KnownKeys(['l1', 'l2']);
const figure = new Float64Array(1);
const one = { float32: Float32Array.of(1), float64: Float64Array.of(1) };

/**
 * A penalty P(w) = `l1`·Σ|w| + `l2`·Σw²: what a loss adds, an optimizer applies, a report states.
 * `l1` and `l2` may be changed between steps, by hand or by a schedule.
 */
export class Penalty {
  /** `l1`, `l2` or `elasticNet`. */
  readonly name: string;
  /** Whether it has a kink at 0, and so makes exact zeros by prox: a fact of its kind, not of its strength. */
  readonly kinked: boolean;
  /** l1 and l2, where native code reads them. */
  readonly #strengths = new Float64Array(new SharedArrayBuffer(16));

  /** Use {@link l1}, {@link l2} or {@link elasticNet}. */
  constructor(name: string, kinked: boolean, strengths: { readonly l1: number; readonly l2: number }) {
    this.name = name;
    this.kinked = kinked;
    this.#set(0, 'l1', strengths.l1);
    this.#set(1, 'l2', strengths.l2);
  }

  /** What multiplies Σ|w|. */
  get l1(): number {
    return this.#strengths[0]!;
  }

  set l1(strength: number) {
    recording.now?.changes('the strength of a penalty');
    this.#set(0, 'l1', strength);
  }

  /** What multiplies Σw². */
  get l2(): number {
    return this.#strengths[1]!;
  }

  set l2(strength: number) {
    recording.now?.changes('the strength of a penalty');
    this.#set(1, 'l2', strength);
  }

  #set(at: number, name: string, strength: number): void {
    this.#strengths[at] = nonNegative(`penalty.${this.name}`, name, strength);
  }

  /** P(w), summed in double precision; over all of them for a list. */
  value(weights: FloatArray | Tensor | readonly Tensor[]): number {
    recording.now?.looks(`penalty.${this.name}.value`);
    figure[0] = 0;
    this.addValue(weights, figure);
    return figure[0];
  }

  /** Adds P(w) to the number that `total`, a Float64Array, holds: {@link value} where native code goes on. */
  addValue(weights: FloatArray | Tensor | readonly Tensor[], total: Float64Array): void {
    for (const array of arraysOf(`penalty.${this.name}.value`, weights)) {
      ops['penalty_value']!(array, this.#strengths, total, array.length);
    }
  }

  /** `l1`·sign(w) + 2·`l2`·w, sign(0) = 0, as a new tensor. */
  gradient(weights: Tensor): Tensor {
    const owner = `penalty.${this.name}.gradient`;
    const source = floatData(owner, 'weights', weights);
    const data = allocateLike(weights, source.length);
    const upstream = source instanceof Float64Array ? one.float64 : one.float32;
    ops['set']!(data, data.length, 0);
    ops['penalty_gradient']!(source, this.#strengths, upstream, data, data.length, 1);
    return new Tensor({ data, shape: weights.shape, dtype: weights.dtype, requiresGrad: false });
  }

  /**
   * w ← argmin over z of ½‖z − w‖² + `step`·P(z), in place; returns what it was given.
   *
   * @see Parikh & Boyd 2014, "Proximal Algorithms", §6.5.2.
   */
  prox<W extends FloatArray | Tensor>(weights: W, step: number): W {
    const owner = `penalty.${this.name}.prox`;
    nonNegative(owner, 'step', step);
    if (weights instanceof Tensor) ownData(owner, 'weights', weights);
    for (const array of arraysOf(owner, weights)) {
      ops['penalty_prox']!(array, this.#strengths, array.length, step);
    }
    if (weights instanceof Tensor) weights.changed();
    return weights;
  }

  /**
   * The largest distance of a component of −`grads` from the subdifferential at `weights`: 0
   * exactly where they minimize the loss, whose gradient `grads` is, plus this penalty.
   */
  violation(weights: Tensor, grads: Tensor): number {
    const owner = `penalty.${this.name}.violation`;
    recording.now?.looks(owner);
    const [w, g] = [floatData(owner, 'weights', weights), floatData(owner, 'grads', grads)];
    ops['penalty_violation']!(w, g, this.#strengths, figure, w.length);
    return figure[0]!;
  }

  /**
   * P of everything given, as a scalar with a gradient: a term of the loss like any other.
   *
   * @example
   * const loss = criterion.forward(model.forward(x), y).add(l1(1e-5).of(model.parameters()));
   */
  of(params: Tensor | readonly Tensor[], options: PenaltyOfOptions = {}): Tensor {
    const owner = `penalty.${this.name}.of`;
    ofKeys.check(owner, options);
    const list = params instanceof Tensor ? [params] : params;
    const [first] = list;
    if (first === undefined)
      throw new ArgumentError('ERR_VALUE', owner, 'params', 'at least one tensor', 'none');
    for (const param of list) {
      if (param.dtype === first.dtype) continue;
      throw new ArgumentError('ERR_TYPE', owner, 'params', `all of ${first.dtype}`, param.dtype);
    }
    const per = oneOf(owner, 'per', options.per ?? 'total', ['total', 'sample']);
    const scale = per === 'total' ? 1 : 1 / (first.shape[0] ?? 1);
    return apply(operation, list, { strengths: this.#strengths, scale });
  }
}

function arraysOf(owner: string, weights: FloatArray | Tensor | readonly Tensor[]): FloatArray[] {
  if (weights instanceof Tensor) return [floatData(owner, 'weights', weights)];
  if (Array.isArray(weights)) {
    return weights.map((item: unknown) => {
      if (item instanceof Tensor) return floatData(owner, 'weights', item);
      throw new ArgumentError('ERR_TYPE', owner, 'weights', 'a list of tensors', item);
    });
  }
  return [floats(owner, 'weights', weights as FloatArray)];
}

/** λ·Σ|w|: the lasso. It has a kink, so optimizers apply it by prox, to exact zeros. */
export function l1(strength: number): Penalty {
  return new Penalty('l1', true, { l1: strength, l2: 0 });
}

/**
 * λ·Σw²: ridge. With `{ weightDecay: λ }` it is ½λ·Σw², the form that PyTorch's `weight_decay` has.
 */
export function l2(strength: number | { readonly weightDecay: number }): Penalty {
  if (typeof strength === 'number') return new Penalty('l2', false, { l1: 0, l2: strength });
  decayKeys.check('penalty.l2', strength);
  return new Penalty('l2', false, {
    l1: 0,
    l2: nonNegative('penalty.l2', 'weightDecay', strength.weightDecay) / 2,
  });
}

/** Strengths of {@link elasticNet}; each is 0 unless given. */
export interface ElasticNetStrengths {
  /** What multiplies Σ|w|. */
  readonly l1?: number;
  /** What multiplies Σw². */
  readonly l2?: number;
}

/**
 * `l1`·Σ|w| + `l2`·Σw².
 *
 * @see Zou & Hastie 2005, https://doi.org/10.1111/j.1467-9868.2005.00503.x
 */
export function elasticNet(strengths: ElasticNetStrengths): Penalty {
  strengthKeys.check('penalty.elasticNet', strengths);
  const { l1: absolute = 0, l2: square = 0 } = strengths;
  return new Penalty('elasticNet', true, { l1: absolute, l2: square });
}
