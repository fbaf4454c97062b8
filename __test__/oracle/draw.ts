/** Numbers for tests: from a seed, of many sizes, zeros of both signs among them. */
export type FloatArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
export type Precision = 'float32' | 'float64';

/** The distance from 1 to the next number, halved: the relative error of one rounding. */
export const unit: Readonly<Record<Precision, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** Uniform numbers in [0, 1): mulberry32. */
export function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A fresh array of zeros. */
export function zeros(precision: Precision, length: number): FloatArray {
  return precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
}

/** Numbers of both signs whose sizes spread over 10⁻³ to 10, one in ten of them 0 or −0. */
export function draw(precision: Precision, length: number, seed: number): FloatArray {
  const random = uniforms(seed);
  const out = zeros(precision, length);
  for (let i = 0; i < length; i++) {
    const sign = random() < 0.5 ? -1 : 1;
    const size = random() < 0.1 ? 0 : 10 ** (4 * random() - 3);
    out[i] = sign * size;
  }
  return out;
}

/** Whether two arrays hold the same bits. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

/** The bytes of a view, over its own memory. */
export function bytes(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}
