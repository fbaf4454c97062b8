import { inspect, type InspectOptions } from 'node:util';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { type Recorder, recording } from '../recorder.ts';
import type { DType, TensorArray } from './dtype.ts';
import type { Operation, Saved, Value } from './graph.ts';
import * as arithmetic from './ops/arithmetic.ts';
import { matmul } from './ops/matmul.ts';
import * as pointwise from './ops/pointwise.ts';
import { sum } from './ops/reduce.ts';
import { reshape, resolveShape } from './ops/view.ts';
import { Pointwise } from './pointwise.ts';
import { backpropagate, TapeNode } from './tape.ts';
import { type Shape, showShape, sizeOf } from './shape.ts';
import { allocateKept, allocateShared } from './memory.ts';
import { allocateLike, floatDType } from './value.ts';

/** How a tensor over an existing array is made. */
export interface TensorInit {
  readonly data: TensorArray;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  readonly node?: TapeNode | undefined;
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
  constructor({ data, shape, dtype, requiresGrad, node }: TensorInit) {
    super(data, shape, dtype, node);
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
    this.#grad = grad;
  }

  /** The elements, row by row: the very array that the tensor was made over. */
  get data(): TensorArray {
    return recording.now?.looks('data') ?? this.array;
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
    if (this.size === 1) return recording.now?.looks('item()') ?? this.array[0]!;
    throw new ArgumentError('ERR_SHAPE', 'item', 'this', 'a tensor of one element', showShape(this.shape));
  }

  /** Computes the gradient of this scalar by every tensor that it came from and that requires one. */
  backward(): void {
    if (this.size !== 1) {
      throw new ArgumentError(
        'ERR_SHAPE',
        'backward',
        'this',
        'a scalar',
        showShape(this.shape),
        'Sum or average it first.',
      );
    }
    if (this.node === undefined) {
      throw new RidgelineError(
        'ERR_STATE',
        'backward: nothing that this tensor came from requires a gradient.',
      );
    }
    const seed = allocateLike(this, 1);
    ops['set']!(seed, 1, 1);
    backpropagate(this.node, seed);
  }

  /** The same memory without its history: no gradient flows through it. */
  detach(): Tensor {
    const { array: data, shape, dtype } = this;
    return new Tensor({ data, shape, dtype, requiresGrad: false });
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

  /** Σx, a scalar. */
  sum(): Tensor {
    return apply(sum, [this], 1);
  }

  /** The mean of all elements, a scalar. */
  mean(): Tensor {
    return apply(sum, [this], this.size);
  }

  /** This [m, k] times `other` [k, n]. */
  matmul(other: Tensor): Tensor {
    return apply(matmul, [this, other]);
  }

  /** The same elements under another shape, over the same memory; one length may be −1. */
  reshape(shape: Shape): Tensor {
    return this.#under(resolveShape('reshape', this.shape, shape));
  }

  /** Without the axes of length 1, over the same memory. */
  squeeze(): Tensor {
    return this.#under(this.shape.filter((length) => length !== 1));
  }

  /** The same elements under another shape of the same size. Labels have no gradient to pass on. */
  #under(shape: Shape): Tensor {
    const { array: data, dtype } = this;
    if (data instanceof Int32Array) return new Tensor({ data, shape, dtype, requiresGrad: false });
    return apply(reshape, [this], shape);
  }

  protected override run<T>(
    operation: Operation<T>,
    others: readonly Value[],
    ...attributes: T extends void ? [] : [attributes: T]
  ): Tensor {
    return apply(operation, [this, ...others], ...attributes);
  }

  protected override whole(data: Int32Array): Tensor {
    return new Tensor({ data, shape: this.shape, dtype: 'int32', requiresGrad: false });
  }
}

// What Node prints: shape, element type and values.
Object.defineProperty(Tensor.prototype, inspect.custom, {
  value(this: Tensor, _depth: number, options: InspectOptions, print: typeof inspect): string {
    const grad = this.requiresGrad ? ', requiresGrad' : '';
    const values = print(nested(this.array, this.shape), { ...options, compact: 3 });
    return `Tensor(${showShape(this.shape)}, ${this.dtype}${grad}) ${values}`;
  },
});

type Nested = number | readonly Nested[];

/** The elements as nested arrays. */
function nested(data: TensorArray, shape: Shape, offset = 0): Nested {
  const [length, ...inner] = shape;
  if (length === undefined) return data[offset]!;
  const stride = sizeOf(inner);
  return Array.from({ length }, (_, i) => nested(data, inner, offset + i * stride));
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
  const { data, shape, saved } = operation.forward(inputs, attributes as Attributes);
  const recorded = isRecording() && inputs.some((input) => input.tracked);
  const node = recorded ? new TapeNode(operation, inputs, saved ?? nothingSaved) : undefined;
  const dtype = data instanceof Float64Array ? 'float64' : 'float32';
  return new Tensor({ data, shape, dtype, requiresGrad: node !== undefined, node });
}
