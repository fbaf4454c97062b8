import { KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Module } from '../nn/index.ts';
import { concat } from '../tensor/join.ts';
import { noGrad, type Tensor } from '../tensor/tensor.ts';

const known = new KnownKeys(['batchSize']);

/**
 * What a model makes of samples [n, …], in evaluation mode, without recording a gradient.
 *
 * @param options `batchSize`: samples at a time, all at once unless given. How many are computed
 *   together may change the last bits.
 */
export function predict(model: Module, x: Tensor, options: { readonly batchSize?: number } = {}): Tensor {
  known.check('predict', options);
  const [samples] = x.shape;
  if (samples === undefined)
    throw new ArgumentError('ERR_SHAPE', 'predict', 'x', 'samples [n, …]', 'a scalar');
  const { batchSize = Math.max(samples, 1) } = options;
  whole('predict', 'batchSize', batchSize, 1);
  const before = model.training;
  model.eval();
  try {
    return noGrad(() => {
      const parts: Tensor[] = [];
      for (let start = 0; start < samples; start += batchSize) {
        const size = Math.min(batchSize, samples - start);
        parts.push(model.forward(x.slice(0, start, start + size)));
      }
      if (parts.length > 0) return parts.length === 1 ? parts[0]! : concat(parts);
      throw new ArgumentError('ERR_SHAPE', 'predict', 'x', 'at least one sample', 'none');
    });
  } finally {
    model.train(before);
  }
}
