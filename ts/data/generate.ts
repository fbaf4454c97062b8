import { finite, KnownKeys, nonNegative, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { Generator } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import { randn } from '../tensor/creation.ts';
import { Tensor } from '../tensor/tensor.ts';

/** Options of {@link makeSparseRegression}. */
export interface SparseRegressionOptions {
  /** Rows of x; 100 unless given. */
  readonly samples?: number;
  /** Columns of x; 100 unless given. */
  readonly features?: number;
  /** Features that y depends on; 10 unless given, or those of `support`. */
  readonly informative?: number;
  /** The coefficients that are not 0, by feature: `{ 0: 1.5, 5: -2 }`. At random places unless given. */
  readonly support?: Readonly<Record<number, number>>;
  /** Standard deviation of what is added to y; 0 unless given. */
  readonly noise?: number;
  /** Correlation of neighboring features: that of features i and j is ρ^|i−j|. 0 unless given. */
  readonly correlation?: number;
  /** Where the numbers come from; 0 unless given. */
  readonly seed?: number;
  /** float64 unless given. */
  readonly dtype?: FloatDType;
}

/** Data whose truth is known. */
export interface SparseRegression {
  /** [samples, features], normal. */
  readonly x: Tensor;
  /** [samples]: x·coef plus noise. */
  readonly y: Tensor;
  /** [features]: those of `support`, else ±(1 to 2) at the informative features; 0 at all others. */
  readonly coef: Tensor;
}

const known = new KnownKeys([
  'samples',
  'features',
  'informative',
  'support',
  'noise',
  'correlation',
  'seed',
  'dtype',
]);

const defaults = {
  samples: 100,
  features: 100,
  noise: 0,
  correlation: 0,
  seed: 0,
  dtype: 'float64',
} as const;

/** A linear model with few coefficients that are not 0, at random places, of random signs. */
export function makeSparseRegression(options: SparseRegressionOptions = {}): SparseRegression {
  const owner = 'makeSparseRegression';
  known.check(owner, options);
  const { samples, features, noise, correlation, seed, dtype } = { ...defaults, ...options };
  const { informative = Math.min(10, features) } = options;
  if (options.support !== undefined && options.informative !== undefined) {
    const fix = 'It says how many coefficients there are.';
    throw new ArgumentError('ERR_OPTION', owner, 'informative', 'left out with `support`', informative, fix);
  }
  whole(owner, 'samples', samples, 1);
  whole(owner, 'features', features, 1);
  whole(owner, 'informative', informative);
  nonNegative(owner, 'noise', noise);
  oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
  if (informative > features) {
    throw new ArgumentError(
      'ERR_OPTION',
      owner,
      'informative',
      `at most ${features}, all features`,
      informative,
    );
  }
  if (!(correlation > -1 && correlation < 1)) {
    throw new ArgumentError('ERR_OPTION', owner, 'correlation', 'a number between -1 and 1', correlation);
  }
  const generator = new Generator(seed);
  const x = randn([samples, features], { dtype: 'float64', generator });
  correlate(x, correlation);
  const coefficients =
    options.support === undefined
      ? drawn(features, informative, generator)
      : given(owner, features, options.support);
  const coef = new Tensor({ data: coefficients, shape: [features], dtype: 'float64', requiresGrad: false });
  const y = x.matmul(coef).add(randn([samples], { dtype: 'float64', generator }).mul(noise));
  return { x: x.to(dtype), y: y.to(dtype), coef: coef.to(dtype) };
}

/** Coefficients at random places, of random signs. */
function drawn(features: number, informative: number, generator: Generator): Float64Array {
  const order = new Int32Array(features);
  generator.permutation(order);
  const sizes = new Float64Array(informative);
  generator.uniform(sizes, -1, 1);
  const coefficients = new Float64Array(features);
  sizes.forEach((size, i) => (coefficients[order[i]!] = size < 0 ? size - 1 : size + 1));
  return coefficients;
}

function given(owner: string, features: number, support: Readonly<Record<number, number>>): Float64Array {
  const coefficients = new Float64Array(features);
  for (const [key, value] of Object.entries(support)) {
    const feature = Number(key);
    if (!Number.isInteger(feature) || feature < 0 || feature >= features) {
      const expected = `numbers by features from 0 to ${features - 1}`;
      throw new ArgumentError('ERR_OPTION', owner, 'support', expected, `one of feature ${key}`);
    }
    coefficients[feature] = finite(owner, `support[${key}]`, value);
  }
  return coefficients;
}

/** Each column with a share of the one before it, all of variance 1. */
function correlate({ array, shape: [samples, features] }: Tensor, rho: number): void {
  const own = Math.sqrt(1 - rho * rho);
  for (let row = 0; row < samples!; row++) {
    for (let column = 1; column < features!; column++) {
      const at = row * features! + column;
      array[at] = rho * array[at - 1]! + own * array[at]!;
    }
  }
}
