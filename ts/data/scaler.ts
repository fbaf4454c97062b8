import { ArgumentError, RidgelineError } from '../errors.ts';
import { showShape } from '../tensor/shape.ts';
import { noGrad, type Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/**
 * (x − mean)/deviation of each feature, both of the samples that it was fitted on: the training part alone, or
 * what is measured on the others is no longer new. Constant features are only shifted.
 *
 * @example
 * const scaler = new StandardScaler().fit(train.x);
 * const [a, b] = [scaler.transform(train), scaler.transform(validation)];
 */
export class StandardScaler {
  #mean: Tensor | undefined;
  #scale: Tensor | undefined;

  /** Means of the features, [features]. */
  get mean(): Tensor {
    return this.#mean ?? notFitted();
  }

  /** What the features are divided by, [features]: standard deviations (over n), 1 for constant features. */
  get scale(): Tensor {
    return this.#scale ?? notFitted();
  }

  /** Learns mean and deviation of each feature of `x`, [samples, features]; returns itself. */
  fit(x: Tensor | Dataset): this {
    const samples = x instanceof Dataset ? x.x : x;
    if (samples.shape.length !== 2 || samples.shape[0] === 0) {
      const expected = 'of shape [samples, features], with at least one sample';
      throw new ArgumentError('ERR_SHAPE', 'StandardScaler.fit', 'x', expected, showShape(samples.shape));
    }
    const wide = samples.to('float64');
    const mean = wide.mean(0);
    const scale = wide.std(0, false, { correction: 0 });
    // A constant column's deviation is not exactly 0 where its mean is rounded.
    const rounding = 10 * 2 ** -52;
    scale.data.forEach((deviation, i) => {
      if (deviation <= rounding * Math.abs(mean.data[i]!)) scale.data[i] = 1;
    });
    this.#mean = mean.to(samples.dtype);
    this.#scale = scale.to(samples.dtype);
    return this;
  }

  /** The samples, or those of a dataset, with features of mean 0 and deviation 1. */
  transform(x: Tensor): Tensor;
  transform(x: Dataset): Dataset;
  transform(x: Tensor | Dataset): Tensor | Dataset {
    if (x instanceof Dataset) return new Dataset(this.transform(x.x), x.y);
    return noGrad(() => x.sub(this.mean).div(this.scale));
  }

  /** What {@link transform} made of samples, undone. */
  inverse(x: Tensor): Tensor {
    return noGrad(() => x.mul(this.scale).add(this.mean));
  }
}

function notFitted(): never {
  throw new RidgelineError('ERR_STATE', 'StandardScaler: call fit() on the training part first.');
}
