import type { FloatArray } from '../native.ts';
import type { TensorArray } from './dtype.ts';
import type { Shape, Value } from './value.ts';

/** What a forward pass keeps for the backward pass, beside its inputs. */
export interface Saved {
  readonly arrays: readonly TensorArray[];
  readonly numbers: readonly number[];
}

/** What a forward pass made. */
export interface Result {
  readonly data: FloatArray;
  readonly shape: Shape;
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

export const nothingSaved: Saved = { arrays: [], numbers: [] };
