import { ArgumentError } from '../errors.ts';
import { recording } from '../recorder.ts';
import { dtypeOf, type TensorArray } from '../tensor/dtype.ts';
import { showShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** What metrics are called. */
export type MetricName = 'accuracy' | 'auc' | 'f1' | 'logLoss' | 'mae' | 'r2';

/** Outputs or targets of samples, one behind the other; a typed array is of shape [n]. */
export type Samples = Tensor | TensorArray;

/** A figure of how well outputs fit their targets, in calls of the native table. */
export interface Metric {
  readonly name: MetricName;
  /** Whether it is a mean over samples: {@link add} then adds their sum, which other batches may add to. */
  readonly mean: boolean;
  /** Whether targets are classes. */
  readonly classes: boolean;
  /** Throws unless it can be told of outputs and targets of these shapes and types. */
  check(output: Tensor, target: Tensor): void;
  /** Adds the sum over these samples to `figure`, one number; where it is no mean, writes it there. */
  add(output: Tensor, target: Tensor, figure: Float64Array): void;
}

/** The figure of these samples. */
export function measured(metric: Metric, output: Samples, target: Samples): number {
  const owner = ownerOf(metric.name);
  recording.now?.looks(owner);
  const [x, y] = [tensorOf(owner, 'output', output), tensorOf(owner, 'target', target)];
  metric.check(x, y);
  const figure = new Float64Array(1);
  metric.add(x, y, figure);
  return metric.mean ? figure[0]! / x.shape[0]! : figure[0]!;
}

/** Whom errors name. */
export function ownerOf(name: MetricName): string {
  return `metrics.${name}`;
}

/** Throws that `name`, of this shape, must be something else. */
export function refuseShape(
  owner: string,
  name: string,
  expected: string,
  { shape }: Tensor,
  fix?: string,
): never {
  throw new ArgumentError('ERR_SHAPE', owner, name, expected, showShape(shape), fix);
}

function tensorOf(owner: string, name: string, value: Samples): Tensor {
  if (value instanceof Tensor) return value;
  const dtype = dtypeOf(value);
  if (dtype !== undefined)
    return new Tensor({ data: value, shape: [value.length], dtype, requiresGrad: false });
  const expected = 'a tensor, a Float32Array, a Float64Array or an Int32Array';
  throw new ArgumentError('ERR_TYPE', owner, name, expected, value);
}
