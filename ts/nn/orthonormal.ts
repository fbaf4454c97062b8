import type { FloatArray } from '../native.ts';
import type { Generator } from '../random.ts';

/**
 * Writes `gain` times a matrix of `rows` rows into `data` whose rows, or columns if they are fewer, are
 * orthonormal and uniformly distributed: normal numbers, orthogonalized one after another by Gram and Schmidt.
 */
export function orthonormal(source: Generator, data: FloatArray, rows: number, gain: number): void {
  const columns = rows === 0 ? 0 : data.length / rows;
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const numbers = new Float64Array(count * length);
  source.normal(numbers);
  const vectors = Array.from({ length: count }, (_, i) => numbers.subarray(i * length, (i + 1) * length));
  vectors.forEach((vector, i) => {
    // Twice is enough (Giraud et al. 2005): the second pass takes away what rounding left in the first.
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) subtract(vector, vectors[j]!);
    }
    const size = Math.sqrt(dot(vector, vector));
    for (let k = 0; k < length; k++) vector[k] = vector[k]! / size;
  });
  vectors.forEach((vector, i) => {
    for (let k = 0; k < length; k++) {
      data[rows <= columns ? i * columns + k : k * columns + i] = gain * vector[k]!;
    }
  });
}

/** Takes the part along `unit` off `vector`. */
function subtract(vector: Float64Array, unit: Float64Array): void {
  const part = dot(vector, unit);
  for (let k = 0; k < vector.length; k++) vector[k] = vector[k]! - part * unit[k]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
