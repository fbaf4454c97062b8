import { ops } from '../../native.ts';
import type { Generator } from '../../random.ts';
import type { Operation } from '../graph.ts';
import { allocateLike, floatData } from '../value.ts';

/** The probability with which an element is zeroed, and what draws it. */
export interface DropoutAttributes {
  readonly p: number;
  readonly generator: Generator;
}

/** mask·x, the mask being 1/(1 − p), or 0 with probability p. */
export const dropout: Operation<DropoutAttributes> = {
  name: 'dropout',
  forward([x], { p, generator }) {
    const source = floatData('dropout', 'x', x!);
    const mask = allocateLike(x!, source.length);
    const data = allocateLike(x!, source.length);
    generator.dropout(source, mask, data, p);
    return { data, shape: x!.shape, saved: { arrays: [mask], numbers: [] } };
  },
  backward(gradient, _inputs, saved, target) {
    const out = target(0);
    if (out !== undefined) ops['mul']!(gradient, saved.arrays[0]!, out, out.length);
  },
};
