import { KnownKeys, positive } from '../check.ts';
import { recording } from '../recorder.ts';
import { type Generator, generatorFor } from '../random.ts';
import { noGrad, type Tensor } from '../tensor/tensor.ts';
import { type Batch, gather } from './dataset.ts';

/** Options of {@link mixup}. */
export interface MixupOptions {
  /** Both parameters of the beta distribution that λ is drawn from; 1, the uniform one, unless given. */
  readonly alpha?: number;
  /** The common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

/** A batch whose samples are mixtures of two. */
export interface Mixture {
  /** λ·x + (1 − λ)·x of other samples of the batch. */
  readonly x: Tensor;
  /** Targets of the first of the two, of weight λ in the loss. */
  readonly ya: Tensor;
  /** Targets of the second, of weight 1 − λ. */
  readonly yb: Tensor;
  readonly lambda: number;
}

const known = new KnownKeys(['alpha', 'generator']);

/**
 * Mixes each sample of a batch with another one. The loss is the same mixture:
 * `loss(f(x), ya).mul(lambda).add(loss(f(x), yb).mul(1 - lambda))`. λ is drawn in JavaScript: not within a
 * captured function, whose argument the mixture may well be.
 *
 * @see Zhang et al. 2018, arXiv:1710.09412
 */
export function mixup({ x, y }: Batch, options: MixupOptions = {}): Mixture {
  known.check('mixup', options);
  recording.now?.looks('mixup()');
  const generator = generatorFor('mixup', options.generator);
  const lambda = beta(positive('mixup', 'alpha', options.alpha ?? 1), generator);
  const order = new Int32Array(x.shape[0]!);
  generator.permutation(order);
  const mixed = noGrad(() => x.mul(lambda).add(gather(x, order).mul(1 - lambda)));
  return { x: mixed, ya: y, yb: gather(y, order), lambda };
}

/** A number of the symmetric beta distribution: a share of two gamma numbers. */
function beta(alpha: number, generator: Generator): number {
  const [a, b] = [logGamma(alpha, generator), logGamma(alpha, generator)];
  return 1 / (1 + Math.exp(b - a));
}

/**
 * The logarithm of a number of the gamma distribution, for a small shape underflows without.
 *
 * @see Marsaglia & Tsang 2000, https://doi.org/10.1145/358407.358414
 */
function logGamma(shape: number, generator: Generator): number {
  const one = new Float64Array(1);
  const uniform = (): number => {
    generator.uniform(one);
    return 1 - one[0]!; // never 0
  };
  const boost = shape < 1 ? Math.log(uniform()) / shape : 0;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  for (;;) {
    generator.normal(one);
    const z = one[0]!;
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < z * z * 0.5 + d - d * v + d * Math.log(v))
      return Math.log(d * v) + boost;
  }
}
