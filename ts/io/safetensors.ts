import { createHash } from 'node:crypto';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { dtypeOf } from '../tensor/dtype.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { elementsOf } from '../tensor/value.ts';
import { writeWhole } from './atomic.ts';
import { bytesOf } from './bytes.ts';
import { elementOf, elements, type StoredArray, tensorArray } from './element.ts';
import { hasKeyTwice, isPlainJson } from './json.ts';

const PREFIX = 8; // bytes of the length of the header
const MAX_HEADER = 100_000_000; // bytes; what the reference implementation allows
const CHECKSUM = 'ridgeline.sha256';
const VERSION = 'ridgeline.version';
const BLANK = '0'.repeat(64);

/** A tensor of a file. */
export interface StoredTensor {
  /** Its element type as the file names it: `F32`, `I64`, … */
  readonly dtype: string;
  readonly shape: Shape;
  /** Its bytes, little-endian. */
  readonly bytes: Uint8Array;
  /** Its elements; those of 16 and 8 bits as float32, exactly. */
  values(): StoredArray;
  /**
   * It as a tensor: float32, float64, or int32.
   *
   * @throws {RidgelineError} `ERR_FORMAT` for whole numbers that do not fit into 32 bits.
   */
  tensor(): Tensor;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** Elements to be stored. */
export interface StorableArray {
  readonly data: StoredArray;
  readonly shape: Shape;
  /** The element type as the file names it, where the array alone does not say: `BOOL`, `F16`, `BF16`, … */
  readonly dtype?: string;
}

/** A tensor to be stored: one of ours, or elements with a shape. */
export type Storable = Tensor | StorableArray;

function refuse(why: string): never {
  throw new RidgelineError('ERR_FORMAT', `safetensors: ${why}`);
}

/**
 * Reads a safetensors file, or its bytes. Every length, offset and name is checked before anything is
 * made of it: the tensors cover the data without gaps or overlaps, no name is there twice; and where
 * {@link writeSafetensors} left a checksum, it is compared.
 *
 * @throws {RidgelineError} `ERR_FORMAT` if anything is wrong with it.
 * @see https://github.com/huggingface/safetensors#format
 */
export async function readSafetensors(source: string | URL | Uint8Array): Promise<Safetensors> {
  return parse(await bytesOf(source));
}

function parse(bytes: Uint8Array): Safetensors {
  const { text, data } = split(bytes);
  const header = parsed(text);
  const { __metadata__: metadata, ...entries } = header;
  const checked = metadata === undefined ? undefined : stringsOf(metadata);
  checkSum(bytes, text, checked);
  const tensors = Object.entries(entries).map(([name, entry]) => entryOf(name, entry));
  const inOrder = tensors.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin !== at) refuse(`\`${name}\` starts at byte ${begin} of the data, where ${at} was next.`);
    at = end;
  }
  if (at !== data.length) refuse(`there are ${data.length} bytes of data, of which tensors cover ${at}.`);
  return {
    metadata: checked,
    tensors: new Map(tensors.map((tensor) => [tensor.name, stored(tensor, data)])),
  };
}

/** The header and the data behind it. */
function split(bytes: Uint8Array): { readonly text: string; readonly data: Uint8Array } {
  if (bytes.length < PREFIX) refuse(`${bytes.length} bytes are too few for a header.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > MAX_HEADER) refuse(`a header of ${length} bytes, more than ${MAX_HEADER}.`);
  const end = PREFIX + Number(length);
  if (end > bytes.length) refuse(`a header of ${length} bytes in a file of ${bytes.length}.`);
  const header = bytes.subarray(PREFIX, end);
  if (header[0] !== 0x7b) refuse('the header does not start with {.');
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header),
      data: bytes.subarray(end),
    };
  } catch {
    return refuse('the header is not UTF-8.');
  }
}

function parsed(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return refuse('the header is not JSON.');
  }
  if (!isPlainJson(text)) refuse('the header holds something else than names, lists and whole numbers.');
  if (hasKeyTwice(text)) refuse('a name is there twice.');
  return header as Record<string, unknown>;
}

function stringsOf(metadata: unknown): Record<string, string> {
  const valid = isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string');
  return valid ? (metadata as Record<string, string>) : refuse('the metadata are not texts by names.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const areLengths = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);

function entryOf(name: string, entry: unknown): Entry {
  const say = (why: string): never => refuse(`\`${name}\`: ${why}`);
  if (!isObject(entry)) return say('no description.');
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) say(`an unknown field \`${unknown}\`.`);
  if (typeof dtype !== 'string' || !Object.hasOwn(elements, dtype)) {
    return say(`of element type ${JSON.stringify(dtype)}; there are ${Object.keys(elements).join(', ')}.`);
  }
  if (!areLengths(shape)) return say('a shape that is no list of lengths.');
  if (!areLengths(offsets) || offsets.length !== 2) return say('no two offsets.');
  const [begin, end] = offsets as [number, number];
  if (end < begin) say('it ends before it begins.');
  const bytes = shape.reduce((product, length) => product * BigInt(length), BigInt(elements[dtype]!.bytes));
  if (bytes !== BigInt(end - begin)) say(`${end - begin} bytes for a shape of ${bytes}.`);
  return { name, dtype, shape, begin, end };
}

function stored({ name, dtype, shape, begin, end }: Entry, data: Uint8Array): StoredTensor {
  const bytes = data.subarray(begin, end);
  // Copied: elements may lie at odd places, which no array of them can be over.
  const values = (): StoredArray => elements[dtype]!.decode(Uint8Array.from(bytes).buffer);
  return {
    dtype,
    shape,
    bytes,
    values,
    tensor() {
      const array = tensorArray(values());
      if (array === undefined) refuse(`\`${name}\`: whole numbers of ${dtype} that do not fit into 32 bits.`);
      return new Tensor({ data: array, shape, dtype: dtypeOf(array)!, requiresGrad: false });
    },
  };
}

/** The checksum as it stands in the header: no other place can hold these quotes. */
function field(sum: string): string {
  return `"${CHECKSUM}":"${sum}"`;
}

/** Throws unless the checksum is that of the file; one that we wrote must have it. */
function checkSum(bytes: Uint8Array, text: string, metadata: Record<string, string> | undefined): void {
  const sum = metadata?.[CHECKSUM];
  if (sum === undefined) {
    if (metadata?.[VERSION] !== undefined) refuse('its checksum is missing.');
    return;
  }
  const blank = Buffer.from(text.replace(field(sum), field(BLANK)));
  const data = bytes.subarray(PREFIX + Buffer.byteLength(text));
  if (hashOf([bytes.subarray(0, PREFIX), blank, data]) === sum) return;
  refuse(
    `the file was damaged: its checksum is another one. (If another program has written it anew, leave \`${CHECKSUM}\` out there.)`,
  );
}

function hashOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * Writes tensors by name into a safetensors file, whole or not at all: what was there before stays until the
 * new file is on the disk. A checksum goes into the metadata.
 *
 * @param metadata texts by name.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Storable>> | ReadonlyMap<string, Storable>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeWhole(path, partsOf(tensors, metadata));
}

/** The bytes of such a file. */
export function safetensorsBytes(
  tensors: Readonly<Record<string, Storable>> | ReadonlyMap<string, Storable>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return Buffer.concat(partsOf(tensors, metadata));
}

function partsOf(
  tensors: Readonly<Record<string, Storable>> | ReadonlyMap<string, Storable>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  const named =
    tensors instanceof Map ? [...(tensors as ReadonlyMap<string, Storable>)] : Object.entries(tensors);
  const items = (named as [string, Storable][]).map(([name, item]) => itemOf(name, item));
  // Widest elements first, so that all lie at multiples of their size.
  items.sort((a, b) => elements[b.dtype]!.bytes - elements[a.dtype]!.bytes || (a.name < b.name ? -1 : 1));
  const own = { ...metadata, [VERSION]: '1', [CHECKSUM]: BLANK };
  const entries: [string, unknown][] = [['__metadata__', own]];
  let at = 0;
  for (const { name, dtype, shape, bytes } of items) {
    entries.push([name, { dtype, shape, data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
  }
  // fromEntries makes `__proto__` a name like any other.
  const json = JSON.stringify(Object.fromEntries(entries));
  const padding = -(PREFIX + Buffer.byteLength(json)) & 7;
  const text = json + ' '.repeat(padding);
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(Buffer.byteLength(text)), true);
  const data = items.map(({ bytes }) => bytes);
  const sum = hashOf([prefix, Buffer.from(text), ...data]);
  return [prefix, Buffer.from(text.replace(field(BLANK), field(sum))), ...data];
}

interface Item {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

function itemOf(name: string, item: Storable): Item {
  const owner = 'writeSafetensors';
  if (name === '__metadata__') {
    throw new ArgumentError('ERR_VALUE', owner, 'tensors', 'names other than __metadata__', name);
  }
  const data = item instanceof Tensor ? elementsOf(owner, name, item) : item.data;
  const own = elementOf(data);
  if (own === undefined) throw new ArgumentError('ERR_TYPE', owner, name, 'a tensor or a typed array', data);
  const dtype = item instanceof Tensor ? own : (item.dtype ?? own);
  if (!Object.hasOwn(elements, dtype) || elements[dtype]!.bytes !== data.BYTES_PER_ELEMENT) {
    const expected = `an element type of ${data.BYTES_PER_ELEMENT} bytes, as those of the array`;
    throw new ArgumentError('ERR_TYPE', owner, `${name}.dtype`, expected, dtype);
  }
  if (sizeOf(item.shape) !== data.length) {
    throw new ArgumentError('ERR_SHAPE', owner, name, `a shape of ${data.length} elements`, item.shape);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dtype, shape: item.shape, bytes };
}
