import { RidgelineError } from '../errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { bytesOf } from './bytes.ts';
import { elements, type StoredArray, tensorArray } from './element.ts';
import { dtypeOf } from '../tensor/dtype.ts';
import { Tensor } from '../tensor/tensor.ts';

/** An array of a NumPy file, row by row. */
export interface NpyArray {
  readonly shape: Shape;
  /** Its elements; float16 as float32, exactly, and booleans as 0 and 1. */
  readonly data: StoredArray;
  /** It as a tensor: float32, float64, or int32. */
  tensor(): Tensor;
}

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY
const HEADER = 8; // where the length of the header lies, behind the version

/** Element types by what NumPy calls them, without their byte order. */
const types: Readonly<Record<string, string>> = {
  b1: 'BOOL',
  i1: 'I8',
  u1: 'U8',
  i2: 'I16',
  u2: 'U16',
  f2: 'F16',
  i4: 'I32',
  u4: 'U32',
  f4: 'F32',
  i8: 'I64',
  u8: 'U64',
  f8: 'F64',
};

function refuse(why: string): never {
  throw new RidgelineError('ERR_FORMAT', `npy: ${why}`);
}

/**
 * Reads a `.npy` file, or its bytes: any order of bytes, rows or columns first. Objects, which are
 * pickled programs, are refused.
 *
 * @throws {RidgelineError} `ERR_FORMAT` if anything is wrong with it.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export async function readNpy(source: string | URL | Uint8Array): Promise<NpyArray> {
  return parseNpy(await bytesOf(source));
}

function parseNpy(bytes: Uint8Array): NpyArray {
  const { start, end } = boundsOfHeader(bytes);
  const { descr, columnsFirst, shape } = headerOf(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
  const { bytes: width, decode } = elementOfType(descr);
  const size = shape.reduce((product, length) => product * BigInt(length), BigInt(width));
  if (size !== BigInt(bytes.length - end)) refuse(`${bytes.length - end} bytes for a shape of ${size}.`);
  const own = Uint8Array.from(bytes.subarray(end));
  if (descr.startsWith('>')) swap(own, width);
  const data = decode(own.buffer);
  return made(shape, columnsFirst ? rowsFirst(data, shape) : data);
}

/** Where the header lies: its length is a number of 2 bytes, of 4 from version 2 on. */
function boundsOfHeader(bytes: Uint8Array): { readonly start: number; readonly end: number } {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) refuse('it does not start as such files do.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, minor] = bytes.subarray(MAGIC.length, HEADER);
  if (major === undefined || major < 1 || major > 3 || minor !== 0) refuse(`of version ${major}.${minor}.`);
  const start = HEADER + (major === 1 ? 2 : 4);
  if (bytes.length < start) refuse('it ends before its header does.');
  const end = start + (major === 1 ? view.getUint16(HEADER, true) : view.getUint32(HEADER, true));
  if (end > bytes.length) refuse('it ends before its header does.');
  return { start, end };
}

function elementOfType(descr: string): (typeof elements)[string] {
  const name = types[descr.slice(1)];
  if (name !== undefined && /^[<>|=]/u.test(descr)) return elements[name]!;
  return refuse(`elements of type ${descr} are not read.`);
}

function made(shape: Shape, data: StoredArray): NpyArray {
  return {
    shape,
    data,
    tensor() {
      const array = tensorArray(data);
      if (array === undefined) refuse('whole numbers that do not fit into 32 bits.');
      return new Tensor({ data: array, shape, dtype: dtypeOf(array)!, requiresGrad: false });
    },
  };
}

interface Header {
  readonly descr: string;
  readonly columnsFirst: boolean;
  readonly shape: number[];
}

const entryPattern =
  /\s*(?:'(?<single>\w+)'|"(?<double>\w+)")\s*:\s*(?<value>'[^']*'|"[^"]*"|True|False|\([^()]*\)|\[[^[\]]*\])\s*(?:,|$)/suy;

/** The entries of a dictionary as Python writes it, in any order. */
function entriesOf(text: string): Map<string, string> {
  const inside = /^\{(?<inside>.*)\}\s*$/su.exec(text)?.groups?.['inside'] ?? refuse('no header.');
  const found = new Map<string, string>();
  for (let at = 0; inside.slice(at).trim() !== ''; at = entryPattern.lastIndex) {
    entryPattern.lastIndex = at;
    const { single, double, value } =
      entryPattern.exec(inside)?.groups ?? refuse('a header that cannot be read.');
    const key = (single ?? double)!;
    if (found.has(key)) refuse(`\`${key}\` is there twice.`);
    found.set(key, value!);
  }
  return found;
}

function headerOf(text: string): Header {
  const found = entriesOf(text);
  const descr = found.get('descr') ?? refuse('no element type.');
  const order = found.get('fortran_order') ?? refuse('no order of elements.');
  const shape = found.get('shape') ?? refuse('no shape.');
  if (found.size !== 3) refuse('a header with other entries.');
  if (!/^['"]/u.test(descr)) refuse('elements that have parts are not read.');
  if (!['True', 'False'].includes(order)) refuse('an order of elements that is neither True nor False.');
  return { descr: descr.slice(1, -1), columnsFirst: order === 'True', shape: lengthsOf(shape) };
}

function lengthsOf(text: string): number[] {
  const inside = /^\((?<inside>\s*|(?:\s*\d+L?\s*,)+\s*(?:\d+L?\s*)?)\)$/u.exec(text)?.groups?.['inside'];
  if (inside === undefined) return refuse(`a shape that is no list of lengths: ${text}.`);
  const lengths = inside.split(',').map((length) => length.trim().replace('L', ''));
  const numbers = lengths.filter((length) => length !== '').map(Number);
  return numbers.every(Number.isSafeInteger) ? numbers : refuse('a length that is no whole number.');
}

/** Turns the bytes of each element around. */
function swap(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** The elements row by row, of those that lie column by column. */
function rowsFirst(data: StoredArray, shape: Shape): StoredArray {
  const result = data.slice();
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape) {
    strides.push(stride);
    stride *= length;
  }
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    result[i] = data[index.reduce((at, n, axis) => at + n * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
