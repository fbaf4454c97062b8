import { type data, Generator } from '../../index.ts';

const CLASSES = 10;

/** `samples` digits of `train`, drawn by `seed`, of which a share `wrong` has another label than its own. */
export function noisyDigits(train: data.Dataset, samples: number, wrong: number, seed: number): data.Dataset {
  const generator = new Generator(seed);
  const order = new Int32Array(train.length);
  generator.permutation(order);
  const part = train.select(order.subarray(0, samples));
  const mislabelled = new Int32Array(samples);
  generator.permutation(mislabelled);
  const shifts = new Float32Array(Math.round(samples * wrong));
  generator.uniform(shifts, 1, CLASSES); // by 1 to 9 classes: never back to its own
  shifts.forEach((shift, i) => {
    const row = mislabelled[i]!;
    part.y.data[row] = (part.y.data[row]! + Math.floor(shift)) % CLASSES;
  });
  return part;
}
