import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocateLike, floatData } from '../value.ts';

/** Strengths of an elastic net, and what its value is multiplied by. */
export interface PenaltyAttributes {
  readonly l1: number;
  readonly l2: number;
  readonly scale: number;
}

const figure = new Float64Array(1);

/** scale·Σ over all inputs of l1·Σ|w| + l2·Σw², as a scalar. */
export const elasticNet: Operation<PenaltyAttributes> = {
  name: 'penalty',
  forward(inputs, { l1, l2, scale }) {
    let total = 0;
    for (const input of inputs) {
      const weights = floatData('penalty', 'params', input);
      ops['penalty_value']!(weights, figure, weights.length, l1, l2);
      total += figure[0]!;
    }
    const data = allocateLike(inputs[0]!, 1);
    data[0] = scale * total;
    return { data, shape: [], saved: { arrays: [], numbers: [l1, l2, scale] } };
  },
  backward(gradient, inputs, { numbers: [l1, l2, scale] }, target) {
    inputs.forEach((input, i) => {
      const out = target(i);
      if (out === undefined) return;
      out.fill(0);
      ops['penalty_gradient']!(
        floatData('penalty', 'params', input),
        gradient,
        out,
        out.length,
        l1!,
        l2!,
        scale!,
      );
    });
  },
};
