/** What operations, values and the tape are to each other; tape.ts runs it. */
import type { FloatArray } from '../native.ts';
import { recording } from '../recorder.ts';
import type { DType, TensorArray } from './dtype.ts';
import { type Shape, sizeOf } from './shape.ts';
import type { View } from './view.ts';

/** What a forward pass keeps for the backward pass, beside its inputs. */
export interface Saved {
  readonly arrays: readonly TensorArray[];
  readonly numbers: readonly number[];
}

/** What a forward pass made. */
interface Result {
  readonly data: TensorArray;
  readonly shape: Shape;
  /** Where its elements lie in `data`; row by row without it. */
  readonly view?: View;
  readonly saved?: Saved;
}

/**
 * An operation on tensors: its forward pass and, beside it, its vector-Jacobian product, both in
 * calls of the native table.
 */
export interface Operation<Attributes> {
  readonly name: string;

  /** Checks the inputs, runs, and returns what it made. */
  forward(inputs: readonly Value[], attributes: Attributes): Result;

  /**
   * Writes into `target(i)` the gradient by input i, of a scalar whose gradient by the result is
   * `gradient`. Where `target(i)` is undefined nobody asks; what it returns holds stale numbers.
   */
  backward(
    gradient: FloatArray,
    inputs: readonly Value[],
    saved: Saved,
    target: (i: number) => FloatArray | undefined,
  ): void;
}

/** One operation that ran, on the tape. */
export interface GraphNode {
  readonly operation: Operation<never>;
  readonly inputs: readonly Value[];
  readonly saved: Saved;
  /** When it ran: a node is later than those that it read from. */
  readonly order: number;
  /** The gradient that has arrived so far, during a backward pass. */
  gradient: FloatArray | undefined;
  /** Throws unless a backward pass would give the gradient of what ran. */
  check(): void;
  /** Marks the node as used, so that a second backward pass says so. */
  spend(): void;
}

/** What operations see of a tensor: its memory and its place on the tape. */
export abstract class Value {
  /** What the elements lie in: row by row without a {@link view}. */
  readonly array: TensorArray;
  readonly view: View | undefined;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The number of elements. */
  readonly size: number;
  /** The operation that made it, if one of its inputs has a gradient. */
  readonly node: GraphNode | undefined;
  #version = 0;

  protected constructor(
    array: TensorArray,
    shape: Shape,
    dtype: DType,
    node: GraphNode | undefined,
    view: View | undefined,
  ) {
    this.array = array;
    this.view = view;
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.node = node;
  }

  /** How often it was changed in place: what a tape must not have missed. */
  get version(): number {
    return this.#version;
  }

  /** Says that it was changed in place. */
  changed(): void {
    this.#version++;
    recording.now?.after(() => this.#version++);
  }

  /** Whether gradients flow to or through it. */
  abstract get tracked(): boolean;

  /** The gradient of a leaf, as an array; undefined until a backward pass reached it. */
  abstract gradientArray(): FloatArray | undefined;

  /** Makes the memory of this leaf's gradient its gradient, and returns it; its contents are stale. */
  abstract claimGradient(): FloatArray;
}
