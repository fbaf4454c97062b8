import { ops } from '../../native.ts';
import type { Operation } from '../operation.ts';
import { allocateLike, floatData } from '../value.ts';

/** `scale`·Σx as a scalar: the sum, or with 1/n the mean. */
export const sum: Operation<number> = {
  name: 'sum',
  forward([x], scale) {
    const source = floatData('sum', 'this', x!);
    const data = allocateLike(x!, 1);
    ops['sum']!(source, data, source.length, scale);
    return { data, shape: [], saved: { arrays: [], numbers: [scale] } };
  },
  backward(gradient, _inputs, saved, target) {
    const out = target(0);
    if (out !== undefined) ops['fill']!(gradient, out, out.length, saved.numbers[0]!);
  },
};
