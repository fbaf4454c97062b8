import { type FloatArray, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { sizeOf } from '../shape.ts';
import { allocateLike, floatData, floatDType } from '../value.ts';

/** Which axes of a tensor are channels: those before them, and those behind, are normalized together. */
export interface ChannelAttributes {
  /** The first axis of the channels, and one behind the last. */
  readonly from: number;
  readonly to: number;
}

/** The lengths before, along and behind the channels. */
function dimsOf({ shape }: Value, from: number, to: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, from)), sizeOf(shape.slice(from, to)), sizeOf(shape.slice(to))];
}

/** How channels are normalized. */
export interface NormalizeAttributes extends ChannelAttributes {
  /** What is added to a variance before its root. */
  readonly eps: number;
  /** Whether the mean is taken off; without it the variance is the mean square. */
  readonly centered: boolean;
  /** Called with mean and variance of each channel, as soon as they are there. */
  readonly seen?: (mean: FloatArray, variance: FloatArray) => void;
}

/** (x − mean)/√(variance + eps) of each channel. */
export const normalize: Operation<NormalizeAttributes> = {
  name: 'normalize',
  forward([x], { from, to, eps, centered, seen }) {
    const dims = dimsOf(x!, from, to);
    const [mean, variance] = [allocateLike(x!, dims[1]), allocateLike(x!, dims[1])];
    const data = allocateLike(x!, x!.size);
    const flag = Number(centered);
    ops['normalize']!(floatData('normalize', 'x', x!), mean, variance, data, ...dims, eps, flag);
    seen?.(mean, variance);
    return { data, shape: x!.shape, saved: { arrays: [data, variance], numbers: [from, to, eps, flag] } };
  },
  backward(gradient, [x], { arrays: [y, variance], numbers: [from, to, eps, centered] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const dims = dimsOf(x!, from!, to!);
    const scratch = allocateLike(x!, 2 * dims[1]);
    ops['normalize_gradient']!(y!, variance!, gradient, scratch, out, ...dims, eps!, centered!);
  },
};

/** (x − mean)/√(variance + eps) of each channel, both given: inputs 1 and 2, which get no gradient. */
export const standardize: Operation<ChannelAttributes & { readonly eps: number }> = {
  name: 'standardize',
  forward([x, mean, variance], { from, to, eps }) {
    const data = allocateLike(x!, x!.size);
    const [m, v] = [floatData('standardize', 'mean', mean!), floatData('standardize', 'variance', variance!)];
    ops['standardize']!(floatData('standardize', 'x', x!), m, v, data, ...dimsOf(x!, from, to), eps);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: [from, to, eps] } };
  },
  backward(gradient, [x, , variance], { numbers: [from, to, eps] }, target) {
    const out = target(0);
    if (out === undefined) return;
    const dims = dimsOf(x!, from!, to!);
    const v = floatData('standardize', 'variance', variance!);
    ops['standardize_gradient']!(v, gradient, allocateLike(x!, dims[1]), out, ...dims, eps!);
  },
};

/** No bias. Not a result: a captured step takes it for a constant. */
const none = { float32: new Float32Array(0), float64: new Float64Array(0) };

/** weight·x + bias of each channel; the bias may be left out. */
export const channelAffine: Operation<ChannelAttributes> = {
  name: 'affine',
  forward([x, weight, bias], { from, to }) {
    const data = allocateLike(x!, x!.size);
    const factor = floatData('normalize', 'weight', weight!);
    const shift = bias === undefined ? none[floatDType(x!)] : floatData('normalize', 'bias', bias);
    const source = floatData('normalize', 'x', x!);
    ops['channel_affine']!(source, factor, shift, data, ...dimsOf(x!, from, to), shift.length);
    return { data, shape: x!.shape, saved: { arrays: [], numbers: [from, to] } };
  },
  backward(gradient, [x, weight, bias], { numbers: [from, to] }, target) {
    const dims = dimsOf(x!, from!, to!);
    const byX = target(0);
    if (byX !== undefined) {
      const factor = floatData('normalize', 'weight', weight!);
      ops['channel_affine']!(gradient, factor, none[floatDType(x!)], byX, ...dims, 0);
    }
    const byWeight = target(1);
    if (byWeight !== undefined)
      ops['channel_products']!(gradient, floatData('normalize', 'x', x!), byWeight, ...dims);
    const byBias = bias === undefined ? undefined : target(2);
    if (byBias !== undefined) ops['channel_sums']!(gradient, byBias, ...dims);
  },
};

/** running ← (1 − share)·running + share·scale·seen, in place. */
export function runningAverage(running: FloatArray, seen: FloatArray, share: number, scale: number): void {
  ops['running_average']!(seen, running, running.length, share, scale);
}

/** count ← count + 1, in place. */
export function countUp(count: Int32Array): void {
  ops['count_up']!(count);
}
