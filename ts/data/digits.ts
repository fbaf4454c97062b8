import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { allocateShared, allocateSharedInts } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** The digits in three parts. λ and early stopping are chosen on the second; the third is seen once. */
export interface Digits {
  /** Rows 0–1149. */
  readonly train: Dataset;
  /** Rows 1150–1436. */
  readonly validation: Dataset;
  /** Rows 1437–1796: other writers. */
  readonly test: Dataset;
}

const SAMPLES = 1797;
const PIXELS = 64;
const VALIDATION = 1150;
const TEST = 1437;

/**
 * 1,797 handwritten digits of 8×8 pixels: float32 [n, 64] in [0, 1] (pixel/16), labels int32 [n].
 *
 * @see Alpaydin & Kaynak 1998, https://doi.org/10.24432/C50P49
 */
export function loadDigits(): Digits {
  const bytes = gunzipSync(readFileSync(new URL('../../assets/digits.bin.gz', import.meta.url)));
  const pixels = allocateShared('float32', SAMPLES * PIXELS);
  for (let i = 0; i < pixels.length; i++) pixels[i] = bytes[i]! / 16;
  const labels = allocateSharedInts(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) labels[i] = bytes[pixels.length + i]!;
  const all = new Dataset(
    new Tensor({ data: pixels, shape: [SAMPLES, PIXELS], dtype: 'float32', requiresGrad: false }),
    new Tensor({ data: labels, shape: [SAMPLES], dtype: 'int32', requiresGrad: false }),
  );
  return {
    train: all.rows(0, VALIDATION),
    validation: all.rows(VALIDATION, TEST),
    test: all.rows(TEST, SAMPLES),
  };
}
