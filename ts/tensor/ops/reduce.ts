import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocateLike, floatData } from '../value.ts';

/** Σx/divisor as a scalar: the sum, or with n the mean. */
export const sum: Operation<number> = {
  name: 'sum',
  forward([x], divisor) {
    const source = floatData('sum', 'this', x!);
    const data = allocateLike(x!, 1);
    ops['sum']!(source, data, source.length, divisor);
    return { data, shape: [], saved: { arrays: [], numbers: [divisor] } };
  },
  backward(gradient, _inputs, saved, target) {
    const out = target(0);
    if (out !== undefined) ops['fill']!(gradient, out, out.length, saved.numbers[0]!);
  },
};
