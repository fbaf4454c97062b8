import { KnownKeys, shown } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type Operation, Value } from './graph.ts';
import { combine, compare, negate, type Relation } from './ops/comparison.ts';
import * as pointwise from './ops/pointwise.ts';

/** Bounds of {@link Pointwise.clamp}: numbers, or tensors of the same shape. */
export interface ClampBounds<Operand> {
  /** None unless given. */
  readonly min?: Operand | number | null;
  /** None unless given. */
  readonly max?: Operand | number | null;
}

const clampKeys = new KnownKeys(['min', 'max']);

/** Arguments of an operation that takes attributes, or none. */
type Attributes<T> = T extends void ? [] : [attributes: T];

/**
 * What a tensor computes element by element. Where both operands are tensors they have one shape and element
 * type. NaN passes through every function, and so does ∞ where it has a limit.
 */
export abstract class Pointwise<Self extends Pointwise<Self>> extends Value {
  /** Runs an operation on this tensor and others, and records it if a gradient can flow through it. */
  protected abstract run<T>(
    operation: Operation<T>,
    others: readonly Value[],
    ...attributes: Attributes<T>
  ): Self;

  /** An int32 tensor of this shape. */
  protected abstract whole(data: Int32Array): Self;

  #compare(relation: Relation, other: Self | number): Self {
    return this.whole(compare(relation, this, other));
  }

  /** eˣ. */
  exp(): Self {
    return this.run(pointwise.exp, []);
  }

  /** eˣ − 1, exact for small x too. */
  expm1(): Self {
    return this.run(pointwise.expm1, []);
  }

  /** ln x: −∞ of 0, NaN below. */
  log(): Self {
    return this.run(pointwise.log, []);
  }

  /** ln(1 + x), exact for small x too: −∞ of −1, NaN below. */
  log1p(): Self {
    return this.run(pointwise.log1p, []);
  }

  /** log₂ x. */
  log2(): Self {
    return this.run(pointwise.log2, []);
  }

  /** log₁₀ x. */
  log10(): Self {
    return this.run(pointwise.log10, []);
  }

  /** √x, with gradient ∞ at 0. */
  sqrt(): Self {
    return this.run(pointwise.sqrt, []);
  }

  /** 1/√x. */
  rsqrt(): Self {
    return this.run(pointwise.rsqrt, []);
  }

  /** 1/x. */
  reciprocal(): Self {
    return this.run(pointwise.reciprocal, []);
  }

  /**
   * x to the power of a number or of a tensor, with the special cases of C's `pow`. The gradient by x is 0 where
   * the exponent is 0; that by the exponent is 0 where x is 0 and the exponent is not negative.
   */
  pow(exponent: Self | number): Self {
    return typeof exponent === 'number'
      ? this.run(pointwise.raise, [], [exponent])
      : this.run(pointwise.pow, [exponent]);
  }

  /** sin x: within 1 unit in the last place, however large x is. */
  sin(): Self {
    return this.run(pointwise.sin, []);
  }

  /** cos x. */
  cos(): Self {
    return this.run(pointwise.cos, []);
  }

  /** The error function of x. */
  erf(): Self {
    return this.run(pointwise.erf, []);
  }

  /** −1, 0 or 1; the gradient is 0. */
  sign(): Self {
    return this.run(pointwise.sign, []);
  }

  /** The whole number next to x from below; the gradient is 0. */
  floor(): Self {
    return this.run(pointwise.floor, []);
  }

  /** The whole number next to x from above; the gradient is 0. */
  ceil(): Self {
    return this.run(pointwise.ceil, []);
  }

  /** The whole number nearest to x, the even one of two; the gradient is 0. */
  round(): Self {
    return this.run(pointwise.round, []);
  }

  /** x without its fraction; the gradient is 0. */
  trunc(): Self {
    return this.run(pointwise.trunc, []);
  }

  /**
   * x from `min` to `max`, one of which may be left out; `max` where that is the lower one. By numbers, the
   * gradient is 0 at the bounds and beyond them; by tensors, ties share it half and half: both as in PyTorch
   * 2.15 (versions before passed it on at the bounds).
   */
  clamp(bounds: ClampBounds<Self>): Self {
    clampKeys.check('clamp', bounds, 'bounds');
    const [min, max] = [boundOf('min', bounds.min), boundOf('max', bounds.max)];
    if (min === undefined && max === undefined) {
      const expected = 'an object with min, max or both';
      throw new ArgumentError('ERR_OPTION', 'clamp', 'bounds', expected, 'one with neither');
    }
    if (min === undefined) return this.#atMost(max!);
    if (max === undefined) return this.#atLeast(min);
    if (typeof min === 'number' && typeof max === 'number') return this.run(pointwise.clamp, [], [min, max]);
    return this.#atLeast(min).#atMost(max);
  }

  #atLeast(min: Self | number): Self {
    return typeof min === 'number' ? this.run(pointwise.clamp, [], [min, Number.NaN]) : this.maximum(min);
  }

  #atMost(max: Self | number): Self {
    return typeof max === 'number' ? this.run(pointwise.clamp, [], [Number.NaN, max]) : this.minimum(max);
  }

  /** The smaller of two; NaN if one of them is. The gradient goes to it, half to each where both are equal. */
  minimum(other: Self): Self {
    return this.run(pointwise.minimum, [other]);
  }

  /** The larger of two; NaN if one of them is. The gradient goes to it, half to each where both are equal. */
  maximum(other: Self): Self {
    return this.run(pointwise.maximum, [other]);
  }

  /** 1 where x = other, else 0, as an int32 tensor. */
  eq(other: Self | number): Self {
    return this.#compare('eq', other);
  }

  /** 1 where x ≠ other, else 0, as an int32 tensor. */
  ne(other: Self | number): Self {
    return this.#compare('ne', other);
  }

  /** 1 where x < other, else 0, as an int32 tensor. */
  lt(other: Self | number): Self {
    return this.#compare('lt', other);
  }

  /** 1 where x ≤ other, else 0, as an int32 tensor. */
  le(other: Self | number): Self {
    return this.#compare('le', other);
  }

  /** 1 where x > other, else 0, as an int32 tensor. */
  gt(other: Self | number): Self {
    return this.#compare('gt', other);
  }

  /** 1 where x ≥ other, else 0, as an int32 tensor. */
  ge(other: Self | number): Self {
    return this.#compare('ge', other);
  }

  /** 1 where both of two int32 tensors are not 0, else 0. */
  logicalAnd(other: Self): Self {
    return this.whole(combine('and', this, other));
  }

  /** 1 where one of two int32 tensors or both are not 0, else 0. */
  logicalOr(other: Self): Self {
    return this.whole(combine('or', this, other));
  }

  /** 1 where an int32 tensor is 0, else 0. */
  logicalNot(): Self {
    return this.whole(negate(this));
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
