import { inspect, type InspectOptions } from 'node:util';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { type Recorder, recording } from '../recorder.ts';
import { type DType, dtypeOf, type TensorArray } from './dtype.ts';
import type { Operation, Saved, Value } from './graph.ts';
import { allocateKept, allocateShared } from './memory.ts';
import * as arithmetic from './ops/arithmetic.ts';
import { commonShape } from './ops/broadcast.ts';
import * as pointwise from './ops/pointwise.ts';
import { alike, batchedMatmul, matmul } from './ops/matmul.ts';
import { Pointwise } from './pointwise.ts';
import { sameShape, type Shape, showShape, sizeOf } from './shape.ts';
import { backpropagate, TapeNode } from './tape.ts';
import { allocateLike, elementsOf, floatData, floatDType } from './value.ts';
import { isPacked, type View } from './view.ts';

/** How a tensor over an existing array is made. */
export interface TensorInit {
  readonly data: TensorArray;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  readonly node?: TapeNode | undefined;
  /** Where its elements lie in `data`; row by row without it. */
  readonly view?: View | undefined;
}

/**
 * An n-dimensional array, row-major, over a typed array: `data` is that array itself, nothing is
 * copied. Operations run at once and are recorded where a gradient is asked for.
 */
export class Tensor extends Pointwise<Tensor> {
  /** Whether {@link backward} computes a gradient for it. */
  readonly requiresGrad: boolean;
  #grad: Tensor | null = null;
  #storage: FloatArray | undefined;

  /** Use `tensor()`, `zeros()` and their like. */
  constructor({ data, shape, dtype, requiresGrad, node, view }: TensorInit) {
    super(data, shape, dtype, node, view);
    this.requiresGrad = requiresGrad;
  }

  /**
   * The gradient: null until a backward pass reaches this tensor, and after `zeroGrad()`. It may be
   * assigned, and is then read where it lies. A backward pass writes into the same memory each time:
   * copy what must outlive the next one.
   */
  get grad(): Tensor | null {
    recording.now?.readsGrad(this);
    return this.#grad;
  }

  set grad(grad: Tensor | null) {
    if (grad !== null && (grad.dtype !== this.dtype || grad.size !== this.size)) {
      const expected = `null or a ${this.dtype} tensor of shape ${showShape(this.shape)}`;
      throw new ArgumentError(
        'ERR_SHAPE',
        'tensor',
        'grad',
        expected,
        `${grad.dtype} ${showShape(grad.shape)}`,
      );
    }
    recording.now?.writesGrad(this);
    this.#grad = grad === null || grad.view === undefined ? grad : grad.contiguous();
  }

  /**
   * The elements, row by row: the very array that the tensor was made over.
   *
   * @throws {ArgumentError} `ERR_STATE` for a view whose elements do not lie so.
   */
  get data(): TensorArray {
    recording.now?.looks('data');
    if (this.isContiguous) return elementsOf('data', 'this', this);
    throw new RidgelineError(
      'ERR_STATE',
      `data: the elements of this view of shape ${showShape(this.shape)} do not lie row by row. Call contiguous() first, which copies them.`,
    );
  }

  /** Whether the elements lie row by row without gaps, so that {@link data} is there. */
  get isContiguous(): boolean {
    return this.view === undefined || isPacked(this.view, this.shape);
  }

  protected override get self(): this {
    return this;
  }

  protected override run<Attributes>(
    operation: Operation<Attributes>,
    inputs: readonly Value[],
    ...attributes: Attributes extends void ? [] : [attributes: Attributes]
  ): Tensor {
    return apply(operation, inputs, ...attributes);
  }

  override get tracked(): boolean {
    return this.requiresGrad || this.node !== undefined;
  }

  override gradientArray(): FloatArray | undefined {
    const array = this.grad?.array;
    return array instanceof Int32Array ? undefined : array;
  }

  override claimGradient(): FloatArray {
    this.#storage ??= this.allocateGradient();
    const { shape, dtype } = this;
    this.grad = new Tensor({ data: this.#storage, shape, dtype, requiresGrad: false });
    return this.#storage;
  }

  /** Memory for the gradient, made once. */
  protected allocateGradient(): FloatArray {
    const shared = this.array.buffer instanceof SharedArrayBuffer;
    return (shared ? allocateShared : allocateKept)(floatDType(this), this.size);
  }

  /** The one element of a tensor of size 1, as a number. */
  item(): number {
    if (this.size === 1) return recording.now?.looks('item()') ?? elementsOf('item', 'this', this)[0]!;
    throw new ArgumentError('ERR_SHAPE', 'item', 'this', 'a tensor of one element', showShape(this.shape));
  }

  /**
   * Computes the gradient of this scalar by every tensor that it came from and that requires one.
   *
   * @param gradient of a tensor that is no scalar: what its elements are weighed with in the sum that is
   *   differentiated.
   */
  backward(gradient?: Tensor): void {
    if (this.size !== 1 && gradient === undefined) {
      throw new ArgumentError(
        'ERR_SHAPE',
        'backward',
        'this',
        'a scalar',
        showShape(this.shape),
        'Sum or average it first, or pass the gradient by it.',
      );
    }
    if (this.node === undefined) {
      throw new RidgelineError(
        'ERR_STATE',
        'backward: nothing that this tensor came from requires a gradient.',
      );
    }
    const seed = allocateLike(this, this.size);
    if (gradient === undefined) ops['set']!(seed, 1, 1);
    else ops['affine']!(this.#weights(gradient), seed, seed.length, 1, 0);
    backpropagate(this.node, seed);
  }

  #weights(gradient: Tensor): FloatArray {
    const expected = `a ${this.dtype} tensor of shape ${showShape(this.shape)}`;
    if (gradient.dtype !== this.dtype || !sameShape(gradient.shape, this.shape)) {
      const got = `${gradient.dtype} ${showShape(gradient.shape)}`;
      throw new ArgumentError('ERR_SHAPE', 'backward', 'gradient', expected, got);
    }
    return floatData('backward', 'gradient', gradient);
  }

  /** The same memory without its history: no gradient flows through it. */
  detach(): Tensor {
    const { array: data, shape, dtype, view } = this;
    return new Tensor({ data, shape, dtype, requiresGrad: false, view });
  }

  /** x + other, elementwise. */
  add(other: Tensor | number): Tensor {
    return typeof other === 'number'
      ? apply(arithmetic.affine, [this], [1, other])
      : apply(arithmetic.add, [this, other]);
  }

  /** x − other, elementwise. */
  sub(other: Tensor | number): Tensor {
    return typeof other === 'number'
      ? apply(arithmetic.affine, [this], [1, -other])
      : apply(arithmetic.sub, [this, other]);
  }

  /** x·other, elementwise. */
  mul(other: Tensor | number): Tensor {
    return typeof other === 'number'
      ? apply(arithmetic.affine, [this], [other, 0])
      : apply(arithmetic.mul, [this, other]);
  }

  /** x/other, elementwise. */
  div(other: Tensor | number): Tensor {
    return typeof other === 'number'
      ? apply(arithmetic.divide, [this], other)
      : apply(arithmetic.div, [this, other]);
  }

  /** −x. */
  neg(): Tensor {
    return apply(pointwise.neg, [this]);
  }

  /** |x|, with gradient 0 at 0. */
  abs(): Tensor {
    return apply(arithmetic.abs, [this]);
  }

  /** x². */
  square(): Tensor {
    return apply(pointwise.square, [this]);
  }

  /** max(x, 0), with gradient 0 at 0. */
  relu(): Tensor {
    return apply(arithmetic.relu, [this]);
  }

  /** tanh x, elementwise. */
  tanh(): Tensor {
    return apply(arithmetic.tanh, [this]);
  }

  /** 1/(1 + e⁻ˣ), elementwise. */
  sigmoid(): Tensor {
    return apply(arithmetic.sigmoid, [this]);
  }

  /** The product with `other`: of matrices [m, k] and [k, n]; of vectors; of batches [..., m, k] and [..., k, n], which broadcast. */
  matmul(other: Tensor): Tensor {
    if (this.shape.length === 2 && other.shape.length === 2) return apply(matmul, [this, other]);
    return multiply(this, other);
  }
}

/** A product of vectors, or of batches of matrices. */
function multiply(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) {
    const name = a.shape.length === 0 ? 'this' : 'other';
    throw new ArgumentError('ERR_SHAPE', 'matmul', name, 'at least a vector', 'a scalar', 'Use mul().');
  }
  if (a.shape.length === 1)
    return a
      .unsqueeze(0)
      .matmul(b)
      .squeeze(b.shape.length === 1 ? -1 : -2);
  if (b.shape.length === 1) return a.matmul(b.unsqueeze(1)).squeeze(-1);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const [rows, n] = b.shape.slice(-2) as [number, number];
  if (rows !== k) {
    const expected = `matrices of ${k} rows, for this tensor is ${showShape(a.shape)}`;
    throw new ArgumentError('ERR_SHAPE', 'matmul', 'other', expected, showShape(b.shape));
  }
  if (b.shape.length === 2)
    return a
      .reshape([-1, k])
      .matmul(b)
      .reshape([...a.shape.slice(0, -1), n]);
  alike('matmul', 'other', b, a);
  const batch = commonShape('matmul', 'other', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = sizeOf(batch);
  const [x, y] = [a.expand([...batch, m, k]), b.expand([...batch, k, n])];
  const result = apply(batchedMatmul, [x.reshape([count, m, k]), y.reshape([count, k, n])]);
  return result.reshape([...batch, m, n]);
}

// What Node prints: shape, element type and values.
Object.defineProperty(Tensor.prototype, inspect.custom, {
  value(this: Tensor, _depth: number, options: InspectOptions, print: typeof inspect): string {
    const grad = this.requiresGrad ? ', requiresGrad' : '';
    const values = print(nested(elementsOf('inspect', 'this', this), this.shape), { ...options, compact: 3 });
    return `Tensor(${showShape(this.shape)}, ${this.dtype}${grad}) ${values}`;
  },
});

type Nested = number | readonly Nested[];

/** The elements as nested arrays, as short as their precision allows. */
function nested(data: TensorArray, shape: Shape, offset = 0): Nested {
  const [length, ...inner] = shape;
  if (length === undefined) return data instanceof Float32Array ? shortest(data[offset]!) : data[offset]!;
  const stride = sizeOf(inner);
  return Array.from({ length }, (_, i) => nested(data, inner, offset + i * stride));
}

/** The number of fewest digits that float32 rounds to `x`: 0.1, not 0.10000000149011612. */
function shortest(x: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return short;
  }
  return x;
}

const tape: { on: boolean; set: Recorder | undefined } = { on: true, set: undefined };
const nothingSaved: Saved = { arrays: [], numbers: [] };

/** Runs `body` without recording: what it computes has no gradient. */
export function noGrad<T>(body: () => T): T {
  const before = { ...tape };
  tape.on = false;
  tape.set = recording.now;
  try {
    return body();
  } finally {
    Object.assign(tape, before);
  }
}

/** Whether operations are put on the tape. */
function isRecording(): boolean {
  const { on, set } = tape;
  // What the captured function sets itself is no fact that it finds.
  if (set !== recording.now) recording.now?.relies(() => tape.on === on);
  return on;
}

/** Runs an operation and records it if a gradient can flow through it. */
export function apply<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Value[],
  ...[attributes]: Attributes extends void ? [] : [attributes: Attributes]
): Tensor {
  const { data, shape, saved, view } = operation.forward(inputs, attributes as Attributes);
  const dtype = dtypeOf(data)!;
  const recorded = isRecording() && dtype !== 'int32' && inputs.some((input) => input.tracked);
  const node = recorded ? new TapeNode(operation, inputs, saved ?? nothingSaved) : undefined;
  return new Tensor({ data, shape, dtype, requiresGrad: node !== undefined, node, view });
}
