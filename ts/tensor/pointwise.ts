import { KnownKeys, shown } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { Folded } from './folded.ts';
import { type Operation, Value } from './graph.ts';
import * as comparison from './ops/comparison.ts';
import * as pointwise from './ops/pointwise.ts';

/** Bounds of {@link Pointwise.clamp}: numbers, or tensors of the same shape. */
export interface ClampBounds<Operand> {
  /** None unless given. */
  readonly min?: Operand | number | null;
  /** None unless given. */
  readonly max?: Operand | number | null;
}

const clampKeys = new KnownKeys(['min', 'max']);

/**
 * What a tensor computes element by element. Two operands have one element type, and shapes that broadcast. NaN
 * passes through every function, and so does ∞ where it has a limit.
 */
export abstract class Pointwise<T extends Pointwise<T>> extends Folded<T> {
  /** eˣ. */
  exp(): T {
    return this.run(pointwise.exp, [this]);
  }

  /** eˣ − 1, exact for small x too. */
  expm1(): T {
    return this.run(pointwise.expm1, [this]);
  }

  /** ln x: −∞ of 0, NaN below. */
  log(): T {
    return this.run(pointwise.log, [this]);
  }

  /** ln(1 + x), exact for small x too: −∞ of −1, NaN below. */
  log1p(): T {
    return this.run(pointwise.log1p, [this]);
  }

  /** log₂ x. */
  log2(): T {
    return this.run(pointwise.log2, [this]);
  }

  /** log₁₀ x. */
  log10(): T {
    return this.run(pointwise.log10, [this]);
  }

  /** √x, with gradient ∞ at 0. */
  sqrt(): T {
    return this.run(pointwise.sqrt, [this]);
  }

  /** 1/√x. */
  rsqrt(): T {
    return this.run(pointwise.rsqrt, [this]);
  }

  /** 1/x. */
  reciprocal(): T {
    return this.run(pointwise.reciprocal, [this]);
  }

  /**
   * x to the power of a number or of a tensor, with the special cases of C's `pow`. The gradient by x is 0 where
   * the exponent is 0; that by the exponent is 0 where x is 0 and the exponent is not negative.
   */
  pow(exponent: T | number): T {
    return typeof exponent === 'number'
      ? this.run(pointwise.raise, [this], [exponent])
      : this.run(pointwise.pow, [this, exponent]);
  }

  /** sin x: within 1 unit in the last place, however large x is. */
  sin(): T {
    return this.run(pointwise.sin, [this]);
  }

  /** cos x. */
  cos(): T {
    return this.run(pointwise.cos, [this]);
  }

  /** The error function of x. */
  erf(): T {
    return this.run(pointwise.erf, [this]);
  }

  /** −1, 0 or 1; the gradient is 0. */
  sign(): T {
    return this.run(pointwise.sign, [this]);
  }

  /** The whole number next to x from below; the gradient is 0. */
  floor(): T {
    return this.run(pointwise.floor, [this]);
  }

  /** The whole number next to x from above; the gradient is 0. */
  ceil(): T {
    return this.run(pointwise.ceil, [this]);
  }

  /** The whole number nearest to x, the even one of two; the gradient is 0. */
  round(): T {
    return this.run(pointwise.round, [this]);
  }

  /** x without its fraction; the gradient is 0. */
  trunc(): T {
    return this.run(pointwise.trunc, [this]);
  }

  /**
   * x from `min` to `max`, one of which may be left out; `max` where that is the lower one. By numbers, the
   * gradient is 0 at the bounds and beyond them; by tensors, ties share it half and half: both as in PyTorch
   * 2.15 (versions before passed it on at the bounds).
   */
  clamp(bounds: ClampBounds<T>): T {
    clampKeys.check('clamp', bounds, 'bounds');
    const [min, max] = [boundOf('min', bounds.min), boundOf('max', bounds.max)];
    if (min === undefined && max === undefined) {
      const expected = 'an object with min, max or both';
      throw new ArgumentError('ERR_OPTION', 'clamp', 'bounds', expected, 'one with neither');
    }
    if (min === undefined) return this.#atMost(max!);
    if (max === undefined) return this.#atLeast(min);
    if (typeof min === 'number' && typeof max === 'number')
      return this.run(pointwise.clamp, [this], [min, max]);
    return this.#atLeast(min).#atMost(max);
  }

  #atLeast(min: T | number): T {
    return typeof min === 'number' ? this.run(pointwise.clamp, [this], [min, Number.NaN]) : this.maximum(min);
  }

  #atMost(max: T | number): T {
    return typeof max === 'number' ? this.run(pointwise.clamp, [this], [Number.NaN, max]) : this.minimum(max);
  }

  /** The smaller of two; NaN if one of them is. The gradient goes to it, half to each where both are equal. */
  minimum(other: T): T {
    return this.run(pointwise.minimum, [this, other]);
  }

  /** The larger of two; NaN if one of them is. The gradient goes to it, half to each where both are equal. */
  maximum(other: T): T {
    return this.run(pointwise.maximum, [this, other]);
  }

  /** 1 where x = other, else 0, as an int32 tensor. */
  eq(other: T | number): T {
    return this.#compare(comparison.eq, other);
  }

  /** 1 where x ≠ other, else 0, as an int32 tensor. */
  ne(other: T | number): T {
    return this.#compare(comparison.ne, other);
  }

  /** 1 where x < other, else 0, as an int32 tensor. */
  lt(other: T | number): T {
    return this.#compare(comparison.lt, other);
  }

  /** 1 where x ≤ other, else 0, as an int32 tensor. */
  le(other: T | number): T {
    return this.#compare(comparison.le, other);
  }

  /** 1 where x > other, else 0, as an int32 tensor. */
  gt(other: T | number): T {
    return this.#compare(comparison.gt, other);
  }

  /** 1 where x ≥ other, else 0, as an int32 tensor. */
  ge(other: T | number): T {
    return this.#compare(comparison.ge, other);
  }

  /** 1 where both of two int32 tensors are not 0, else 0. */
  logicalAnd(other: T): T {
    return this.run(comparison.logicalAnd, [this, other]);
  }

  /** 1 where one of two int32 tensors or both are not 0, else 0. */
  logicalOr(other: T): T {
    return this.run(comparison.logicalOr, [this, other]);
  }

  /** 1 where an int32 tensor is 0, else 0. */
  logicalNot(): T {
    return this.run(comparison.logicalNot, [this]);
  }

  #compare(relation: Operation<number | null>, other: T | number): T {
    return typeof other === 'number'
      ? this.run(relation, [this], other)
      : this.run(relation, [this, other], null);
  }
}

/** A bound, or undefined for none. */
function boundOf<Operand>(
  name: string,
  bound: Operand | number | null | undefined,
): Operand | number | undefined {
  if (bound === null || bound === undefined) return undefined;
  if (bound instanceof Value || (typeof bound === 'number' && !Number.isNaN(bound))) return bound;
  throw new ArgumentError('ERR_OPTION', 'clamp', name, 'a number or a tensor', shown(bound));
}
