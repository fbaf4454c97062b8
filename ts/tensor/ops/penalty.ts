import { ops } from '../../native.ts';
import type { Operation } from '../graph.ts';
import { allocate } from '../memory.ts';
import { allocateLike, floatData } from '../value.ts';

/** Strengths of an elastic net, l1 and l2, and what its value is multiplied by. */
export interface PenaltyAttributes {
  /** Native code reads them where they lie, so that a schedule may change them. */
  readonly strengths: Float64Array;
  readonly scale: number;
}

/** scale·Σ over all inputs of l1·Σ|w| + l2·Σw², as a scalar. */
export const elasticNet: Operation<PenaltyAttributes> = {
  name: 'penalty',
  forward(inputs, { strengths, scale }) {
    const total = allocate('float64', 1);
    ops['clear']!(total, 1);
    for (const input of inputs) {
      const weights = floatData('penalty', 'params', input);
      ops['penalty_value']!(weights, strengths, total, weights.length);
    }
    const data = allocateLike(inputs[0]!, 1);
    ops['from_figure']!(total, data, scale);
    return { data, shape: [], saved: { arrays: [strengths], numbers: [scale] } };
  },
  backward(gradient, inputs, { arrays: [strengths], numbers: [scale] }, target) {
    inputs.forEach((input, i) => {
      const out = target(i);
      if (out === undefined) return;
      ops['set']!(out, out.length, 0);
      ops['penalty_gradient']!(
        floatData('penalty', 'params', input),
        strengths!,
        gradient,
        out,
        out.length,
        scale!,
      );
    });
  },
};
