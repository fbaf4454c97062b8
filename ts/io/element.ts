/** Element types of stored tensors. */
import type { TensorArray } from '../tensor/dtype.ts';

/** Arrays that hold the elements of stored tensors. */
export type StoredArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** What is known of an element type. */
interface Element {
  /** Bytes of an element. */
  readonly bytes: number;
  /** The elements of aligned, little-endian memory, exactly. */
  readonly decode: (buffer: ArrayBuffer) => StoredArray;
}

/** A float of 16 or 8 bits by its fields: sign, then exponent, then fraction. */
function small(
  exponentBits: number,
  fractionBits: number,
  special: 'ieee' | 'finite',
): (bits: number) => number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const top = 2 ** exponentBits - 1;
  const scale = 2 ** fractionBits;
  return (bits) => {
    const sign = (bits >> (exponentBits + fractionBits)) & 1 ? -1 : 1;
    const exponent = (bits >> fractionBits) & top;
    const fraction = bits & (scale - 1);
    if (exponent === top && special === 'ieee') return fraction === 0 ? sign * Infinity : NaN;
    if (exponent === top && fraction === scale - 1) return NaN; // the only one of E4M3
    if (exponent === 0) return sign * (fraction / scale) * 2 ** (1 - bias);
    return sign * (1 + fraction / scale) * 2 ** (exponent - bias);
  };
}

const half = small(5, 10, 'ieee');
const quarters = { F8_E4M3: small(4, 3, 'finite'), F8_E5M2: small(5, 2, 'ieee') };

const widened = (buffer: ArrayBuffer): Float32Array => {
  const words = new Uint16Array(buffer);
  return new Float32Array(Uint32Array.from(words, (word) => word << 16).buffer);
};

/** The element types of safetensors files that are read, by their names there. */
export const elements: Readonly<Record<string, Element>> = {
  BOOL: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
  U8: { bytes: 1, decode: (buffer) => new Uint8Array(buffer) },
  I8: { bytes: 1, decode: (buffer) => new Int8Array(buffer) },
  F8_E5M2: { bytes: 1, decode: (buffer) => Float32Array.from(new Uint8Array(buffer), quarters.F8_E5M2) },
  F8_E4M3: { bytes: 1, decode: (buffer) => Float32Array.from(new Uint8Array(buffer), quarters.F8_E4M3) },
  I16: { bytes: 2, decode: (buffer) => new Int16Array(buffer) },
  U16: { bytes: 2, decode: (buffer) => new Uint16Array(buffer) },
  F16: { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), half) },
  BF16: { bytes: 2, decode: widened },
  I32: { bytes: 4, decode: (buffer) => new Int32Array(buffer) },
  U32: { bytes: 4, decode: (buffer) => new Uint32Array(buffer) },
  F32: { bytes: 4, decode: (buffer) => new Float32Array(buffer) },
  I64: { bytes: 8, decode: (buffer) => new BigInt64Array(buffer) },
  U64: { bytes: 8, decode: (buffer) => new BigUint64Array(buffer) },
  F64: { bytes: 8, decode: (buffer) => new Float64Array(buffer) },
};

/** What an element type is called in a file, by the kind of array. */
export function elementOf(array: StoredArray): string | undefined {
  const names: readonly [string, abstract new (...args: never[]) => StoredArray][] = [
    ['F32', Float32Array],
    ['F64', Float64Array],
    ['I8', Int8Array],
    ['U8', Uint8Array],
    ['I16', Int16Array],
    ['U16', Uint16Array],
    ['I32', Int32Array],
    ['U32', Uint32Array],
    ['I64', BigInt64Array],
    ['U64', BigUint64Array],
  ];
  return names.find(([, type]) => array instanceof type)?.[0];
}

/** An array that a tensor can lie over, with exactly these numbers; undefined if there is none. */
export function tensorArray(array: StoredArray): TensorArray | undefined {
  if (array instanceof Float32Array || array instanceof Float64Array || array instanceof Int32Array)
    return array;
  if (array instanceof BigInt64Array || array instanceof BigUint64Array || array instanceof Uint32Array) {
    const fits = array.every((value) => value >= -(2 ** 31) && value < 2 ** 31);
    return fits ? Int32Array.from(array as Uint32Array, Number) : undefined;
  }
  return Int32Array.from(array);
}
