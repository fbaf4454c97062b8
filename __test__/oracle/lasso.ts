import { uniforms } from './draw.ts';

/** A regression with few true coefficients: x [samples, features] of mean 0 and variance 1, y [samples]. */
export interface Regression {
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
  readonly samples: number;
  readonly features: number;
}

/** Samples of a sparse linear truth with noise, features scaled. */
export function sparseRegression(samples: number, features: number, seed: number): Regression {
  const random = uniforms(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const x = Float64Array.from({ length: samples * features }, normal);
  for (let j = 0; j < features; j++) {
    const column = Array.from({ length: samples }, (_, i) => x[i * features + j]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / samples;
    const sd = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples);
    for (let i = 0; i < samples; i++) x[i * features + j] = (x[i * features + j]! - mean) / sd;
  }
  const truth = new Map([
    [0, 1.5],
    [Math.floor(features / 4), -2],
    [Math.floor(features / 2), 0.8],
  ]);
  const y = Float64Array.from({ length: samples }, (_, i) => {
    let sum = 0.3 * normal();
    for (const [j, coefficient] of truth) sum += coefficient * x[i * features + j]!;
    return sum;
  });
  return { x, y, samples, features };
}

/** The gradient 2/n·Xᵀ(Xw − y) of the mean squared error. */
export function meanSquaredGradient({ x, y, samples, features }: Regression, w: ArrayLike<number>): number[] {
  const gradient = Array.from({ length: features }, () => 0);
  for (let i = 0; i < samples; i++) {
    let residual = -y[i]!;
    for (let j = 0; j < features; j++) residual += x[i * features + j]! * w[j]!;
    for (let j = 0; j < features; j++) gradient[j]! += (2 / samples) * residual * x[i * features + j]!;
  }
  return gradient;
}
