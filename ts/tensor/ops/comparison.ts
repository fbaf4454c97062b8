/** Comparisons and logic, whose results are int32 tensors of 0 and 1 without a gradient; choices by them. */
import { ArgumentError } from '../../errors.ts';
import { ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { showShape } from '../shape.ts';
import { allocateLike, floatData, intData } from '../value.ts';
import { pair } from './arithmetic.ts';

/** A relation between two numbers. */
export type Relation = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** 1 where the relation holds, else 0. */
export function compare(relation: Relation, x: Value, other: Value | number): Int32Array {
  const out = allocateInts(x.size);
  const whole = x.dtype === 'int32';
  const entry = whole ? `int_${relation}` : relation;
  const array = whole ? intData(relation, 'this', x) : floatData(relation, 'this', x);
  if (typeof other === 'number') ops[`${entry}_number`]!(array, out, out.length, other);
  else if (whole) ops[entry]!(...intPair(relation, x, other), out, out.length);
  else ops[entry]!(...pair(relation, [x, other]), out, out.length);
  return out;
}

/** 1 where both, or one of both, are not 0. */
export function combine(connective: 'and' | 'or', x: Value, other: Value): Int32Array {
  const owner = connective === 'and' ? 'logicalAnd' : 'logicalOr';
  const operands = intPair(owner, x, other);
  const out = allocateInts(x.size);
  ops[`int_${connective}`]!(...operands, out, out.length);
  return out;
}

/** 1 where it is 0. */
export function negate(x: Value): Int32Array {
  const array = intData('logicalNot', 'this', x);
  const out = allocateInts(array.length);
  ops['int_eq_number']!(array, out, out.length, 0);
  return out;
}

/** The arrays of two tensors of whole numbers of one shape. */
function intPair(owner: string, x: Value, other: Value): readonly [Int32Array, Int32Array] {
  const arrays = [intData(owner, 'this', x), intData(owner, 'other', other)] as const;
  sameShape(owner, 'other', x, other, 'as this tensor is');
  return arrays;
}

function sameShape(owner: string, name: string, x: Value, other: Value, as: string): void {
  if (x.shape.length === other.shape.length && x.shape.every((length, i) => length === other.shape[i]))
    return;
  throw new ArgumentError(
    'ERR_SHAPE',
    owner,
    name,
    `of shape ${showShape(x.shape)} ${as}`,
    showShape(other.shape),
  );
}

/** Of [a, b, condition]: a where the condition is not 0, else b. */
export const where: Operation<void> = {
  name: 'where',
  forward(inputs) {
    const [a, b] = pair('where', inputs, ['a', 'b']);
    const condition = intData('where', 'condition', inputs[2]!);
    sameShape('where', 'condition', inputs[0]!, inputs[2]!, 'as `a` is');
    const data = allocateLike(inputs[0]!, a.length);
    ops['select']!(condition, a, b, data, a.length);
    return { data, shape: inputs[0]!.shape };
  },
  backward(gradient, inputs, _saved, target) {
    const condition = intData('where', 'condition', inputs[2]!);
    for (const [i, kept] of [1, 0].entries()) {
      const out = target(i);
      if (out !== undefined) ops['keep']!(condition, gradient, out, out.length, kept);
    }
  },
};
