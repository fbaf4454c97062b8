import { type FloatArray, ops } from '../../native.ts';
import type { FloatDType } from '../dtype.ts';
import type { Operation } from '../graph.ts';
import { allocate, allocateInts } from '../memory.ts';
import { floatData, intData } from '../value.ts';

function converted(source: FloatArray, data: FloatArray): void {
  const wide = data instanceof Float64Array;
  if (wide === source instanceof Float64Array) ops['affine']!(source, data, data.length, 1, 0);
  else ops[wide ? 'widen' : 'narrow']!(source, data, data.length);
}

/** The same numbers in another precision. */
export const cast: Operation<FloatDType> = {
  name: 'to',
  forward([x], dtype) {
    const data = allocate(dtype, x!.size);
    if (x!.dtype === 'int32') ops['from_labels']!(intData('to', 'this', x!), data, data.length);
    else converted(floatData('to', 'this', x!), data);
    return { data, shape: x!.shape };
  },
  backward(gradient, _inputs, _saved, target) {
    const out = target(0);
    if (out !== undefined) converted(gradient, out);
  },
};

/** The same numbers, rounded towards 0, as whole numbers; without a gradient. */
export const castToInts: Operation<void> = {
  name: 'to',
  forward([x]) {
    const source = floatData('to', 'this', x!);
    const data = allocateInts(source.length);
    ops['to_labels']!(source, data, source.length);
    return { data, shape: x!.shape };
  },
  backward() {
    throw new Error('whole numbers have no gradient');
  },
};
