// Makes assets/digits.bin.gz from the fixtures: 1,797 images of 64 pixels (0 to 16), then 1,797 labels, a byte each.
// Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository 1998,
// https://doi.org/10.24432/C50P49 (CC BY 4.0), the test part, as scikit-learn's load_digits distributes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readSafetensors } from '../__test__/fixtures/runner/oracle.mjs';

const root = new URL('../', import.meta.url);
const { tensors } = readSafetensors(
  readFileSync(new URL('__test__/fixtures/cases/data/digits.safetensors', root)),
);
const pixels = Uint8Array.from(tensors.get('X').data);
const labels = Uint8Array.from(tensors.get('y').data, Number);
writeFileSync(new URL('assets/digits.bin.gz', root), gzipSync(Buffer.concat([pixels, labels]), { level: 9 }));
