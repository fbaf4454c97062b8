import { KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Module } from '../nn/index.ts';
import { sizeOf } from '../tensor/shape.ts';
import { noGrad, Tensor } from '../tensor/tensor.ts';

const known = new KnownKeys(['batchSize']);

/**
 * What a model makes of samples [n, …], in evaluation mode, without recording a gradient.
 *
 * @param options `batchSize`: samples at a time, all at once unless given. How many are computed
 *   together may change the last bits.
 */
export function predict(model: Module, x: Tensor, options: { readonly batchSize?: number } = {}): Tensor {
  known.check('predict', options);
  const [samples, ...inner] = x.shape;
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
        const width = sizeOf(inner);
        const data = x.array.subarray(start * width, (start + size) * width);
        const shape = [size, ...inner];
        parts.push(model.forward(new Tensor({ data, shape, dtype: x.dtype, requiresGrad: false })));
      }
      return parts.length === 1 ? parts[0]! : joined(parts, samples);
    });
  } finally {
    model.train(before);
  }
}

/** Results of batches, one behind the other. */
function joined(parts: readonly Tensor[], samples: number): Tensor {
  const [first] = parts;
  if (first === undefined)
    throw new ArgumentError('ERR_SHAPE', 'predict', 'x', 'at least one sample', 'none');
  const { shape, dtype } = first;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const data = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  let at = 0;
  for (const { array } of parts) {
    data.set(array, at);
    at += array.length;
  }
  return new Tensor({ data, shape: [samples, ...shape.slice(1)], dtype, requiresGrad: false });
}
