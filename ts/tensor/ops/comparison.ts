/** Comparisons and logic, whose results are int32 tensors of 0 and 1 without a gradient; choices by them. */
import { type FloatArray, ops } from '../../native.ts';
import type { TensorArray } from '../dtype.ts';
import type { Operation, Value } from '../graph.ts';
import { allocateInts } from '../memory.ts';
import { sameShape, type Shape } from '../shape.ts';
import { allocateLike, elementsOf, intData } from '../value.ts';
import { alike } from './arithmetic.ts';
import { commonShape, repeated, sumTo } from './broadcast.ts';

function noGradient(): never {
  throw new Error('whole numbers have no gradient');
}

/** An entry of the native table of two tensors, whose shapes broadcast. */
function together(owner: string, entry: string, [x, y]: readonly Value[]) {
  const shape = commonShape(owner, 'other', x!.shape, y!.shape);
  const operands = [repeated(owner, 'this', x!, shape), repeated(owner, 'other', y!, shape)] as const;
  const data = allocateInts(operands[0].length);
  ops[entry]!(...operands, data, data.length);
  return { data, shape };
}

/** Throws unless all are whole numbers. */
function checkInts(owner: string, inputs: readonly Value[]): void {
  for (const [i, input] of inputs.entries()) intData(owner, i === 0 ? 'this' : 'other', input);
}

/** 1 where the relation holds, of a tensor and another one or a number, else 0. */
function relation(name: string): Operation<number | null> {
  return {
    name,
    forward(inputs, number) {
      const ints = inputs[0]!.dtype === 'int32';
      const entry = ints ? `int_${name}` : name;
      if (number === null) {
        if (ints) checkInts(name, inputs);
        else alike(name, inputs);
        return together(name, entry, inputs);
      }
      const array = elementsOf(name, 'this', inputs[0]!);
      const data = allocateInts(array.length);
      ops[`${entry}_number`]!(array, data, data.length, number);
      return { data, shape: inputs[0]!.shape };
    },
    backward: noGradient,
  };
}

export const eq: Operation<number | null> = relation('eq');
export const ne: Operation<number | null> = relation('ne');
export const lt: Operation<number | null> = relation('lt');
export const le: Operation<number | null> = relation('le');
export const gt: Operation<number | null> = relation('gt');
export const ge: Operation<number | null> = relation('ge');

/** 1 where both, or one of both, are not 0. */
function connective(name: string, entry: string): Operation<void> {
  return {
    name,
    forward(inputs) {
      checkInts(name, inputs);
      return together(name, entry, inputs);
    },
    backward: noGradient,
  };
}

export const logicalAnd: Operation<void> = connective('logicalAnd', 'int_and');
export const logicalOr: Operation<void> = connective('logicalOr', 'int_or');

/** 1 where it is 0. */
export const logicalNot: Operation<void> = {
  name: 'logicalNot',
  forward([x]) {
    const array = intData('logicalNot', 'this', x!);
    const data = allocateInts(array.length);
    ops['int_eq_number']!(array, data, data.length, 0);
    return { data, shape: x!.shape };
  },
  backward: noGradient,
};

/** The shape of a choice: all three broadcast. */
function shapeOf([a, b, condition]: readonly Value[]): Shape {
  const shape = commonShape('where', 'b', a!.shape, b!.shape);
  return commonShape('where', 'condition', shape, condition!.shape);
}

/** Of [a, b, condition]: a where the condition is not 0, else b. */
export const where: Operation<void> = {
  name: 'where',
  forward(inputs) {
    alike('where', inputs, ['a', 'b']);
    intData('where', 'condition', inputs[2]!);
    const shape = shapeOf(inputs);
    const [a, b, condition] = ['a', 'b', 'condition'].map((name, i) =>
      repeated('where', name, inputs[i]!, shape),
    ) as [TensorArray, TensorArray, TensorArray];
    const data = allocateLike(inputs[0]!, a.length);
    ops['choose']!(condition, a, b, data, data.length);
    return { data, shape };
  },
  backward(gradient, inputs, _saved, target) {
    const shape = shapeOf(inputs);
    const condition = repeated('where', 'condition', inputs[2]!, shape);
    for (const [i, kept] of [1, 0].entries()) {
      const out = target(i);
      if (out === undefined) continue;
      const whole = sameShape(inputs[i]!.shape, shape);
      const full: FloatArray = whole ? out : allocateLike(inputs[i]!, gradient.length);
      ops['keep']!(condition, gradient, full, full.length, kept);
      if (!whole) sumTo(inputs[i]!, full, shape, inputs[i]!.shape, out);
    }
  },
};
