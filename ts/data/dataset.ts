import { KnownKeys, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { ops } from '../native.ts';
import type { Generator } from '../random.ts';
import { allocateInts, intoShared } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Shape, showShape, sizeOf } from '../tensor/shape.ts';
import { allocateLike, floatData, elementsOf } from '../tensor/value.ts';

/** Inputs and targets of the same samples. */
export interface Batch {
  /** [samples, …]. */
  readonly x: Tensor;
  /** [samples, …]; int32 [samples] for classes. */
  readonly y: Tensor;
}

/** How {@link Dataset.batches} walks through a dataset. */
export interface BatchOptions {
  /** Samples of a batch, at least 1; the last batch may be smaller. */
  readonly batchSize: number;
  /** Where the order of the samples comes from; in their own order unless given. */
  readonly shuffle?: Generator;
}

const batchKeys = new KnownKeys(['batchSize', 'shuffle']);

/** Samples in an arena: inputs [n, …] and as many targets. */
export class Dataset {
  readonly x: Tensor;
  readonly y: Tensor;

  /**
   * Copies the arrays into an arena, unless they lie in shared memory already.
   *
   * @throws {ArgumentError} `ERR_SHAPE` unless there are as many targets as inputs.
   */
  constructor(x: Tensor, y: Tensor) {
    const [inputs, targets] = [x.shape[0], y.shape[0]];
    if (inputs === undefined || inputs !== targets) {
      throw new ArgumentError(
        'ERR_SHAPE',
        'Dataset',
        'y',
        `of ${inputs} samples as \`x\` is`,
        showShape(y.shape),
      );
    }
    this.x = over(intoShared(elementsOf('Dataset', 'x', x)), x.shape);
    this.y = over(intoShared(elementsOf('Dataset', 'y', y)), y.shape);
  }

  /** The number of samples. */
  get length(): number {
    return this.x.shape[0]!;
  }

  /** The samples from `start` up to `end`, over the same memory. */
  rows(start: number, end: number): Dataset {
    whole('Dataset.rows', 'start', start);
    whole('Dataset.rows', 'end', end, start);
    if (end > this.length)
      throw new ArgumentError('ERR_OPTION', 'Dataset.rows', 'end', `at most ${this.length}`, end);
    const part = ({ array: data, shape: [, ...inner] }: Tensor): Tensor => {
      const width = sizeOf(inner);
      return over(data.subarray(start * width, end * width), [end - start, ...inner]);
    };
    return new Dataset(part(this.x), part(this.y));
  }

  /** The samples that `indices` name, in their order, copied. */
  select(indices: Int32Array | readonly number[]): Dataset {
    for (const [i, index] of indices.entries()) {
      if (Number.isSafeInteger(index) && index >= 0 && index < this.length) continue;
      const expected = `a whole number from 0 to ${this.length - 1}`;
      throw new ArgumentError('ERR_VALUE', 'Dataset.select', `indices[${i}]`, expected, index);
    }
    const order = indices instanceof Int32Array ? indices : Int32Array.from(indices);
    return new Dataset(gather(this.x, order), gather(this.y, order));
  }

  /** Batches of the samples, one pass. */
  *batches(options: BatchOptions): IterableIterator<Batch> {
    batchKeys.check('Dataset.batches', options);
    const { batchSize, shuffle } = options;
    whole('Dataset.batches', 'batchSize', batchSize, 1);
    const order = Int32Array.from({ length: this.length }, (_, i) => i);
    shuffle?.permutation(order);
    for (let start = 0; start < this.length; start += batchSize) {
      const end = Math.min(start + batchSize, this.length);
      if (shuffle === undefined) yield this.rows(start, end);
      else
        yield {
          x: gather(this.x, order.subarray(start, end)),
          y: gather(this.y, order.subarray(start, end)),
        };
    }
  }
}

function over(data: Tensor['array'], shape: Shape): Tensor {
  const dtype = data instanceof Int32Array ? 'int32' : data instanceof Float64Array ? 'float64' : 'float32';
  return new Tensor({ data, shape, dtype, requiresGrad: false });
}

/** The rows of `source` that `order` names, in memory of their own: a batch must not hold an arena. */
export function gather(source: Tensor, order: Int32Array): Tensor {
  const [rows, ...inner] = source.shape;
  const width = sizeOf(inner);
  const shape = [order.length, ...inner];
  if (source.array instanceof Int32Array) {
    const out = allocateInts(order.length * width);
    ops['gather_labels']!(source.array, order, out, rows!, width, order.length);
    return over(out, shape);
  }
  const out = allocateLike(source, order.length * width);
  ops['gather_rows']!(floatData('Dataset', 'x', source), order, out, rows!, width, order.length);
  return over(out, shape);
}
