import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { arange, io, tensor } from 'ridgeline';
import { afterAll, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'ridgeline-io-'));
afterAll(() => rm(folder, { recursive: true }));

const arrays = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const names = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', '0', '17', 'ä "quoted" \\ name', '\u{1f600}', 'constructor'),
);

const bytesOf = (array: ArrayBufferView): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');

test('what is written is read back, bit for bit, whatever it is called', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(names, arrays), { selector: ([name]) => name, maxLength: 6 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.string(),
      ),
      async (items, metadata) => {
        const given = new Map(items.map(([name, data]) => [name, { data, shape: [data.length] }]));
        const { tensors, metadata: kept } = await io.readSafetensors(io.safetensorsBytes(given, metadata));
        expect([...tensors.keys()].toSorted()).toEqual([...given.keys()].toSorted());
        for (const [name, { data, shape }] of given) {
          const stored = tensors.get(name)!;
          expect(stored.shape).toEqual(shape);
          expect(stored.values().constructor).toBe(data.constructor);
          expect(bytesOf(stored.values())).toBe(bytesOf(data));
        }
        expect(kept).toMatchObject(metadata);
      },
    ),
    { numRuns: 200 },
  );
});

test('tensors are written as they look, views too, and read as tensors', async () => {
  const x = arange(6).reshape([2, 3]).transpose(0, 1);
  const file = io.safetensorsBytes({ x, labels: tensor(Int32Array.of(3, 1)) });
  const { tensors } = await io.readSafetensors(file);
  expect([...tensors.get('x')!.tensor().data]).toEqual([0, 3, 1, 4, 2, 5]);
  expect(tensors.get('x')!.tensor().shape).toEqual([3, 2]);
  expect(tensors.get('labels')!.tensor().dtype).toBe('int32');
});

test('numbers of 16 bits are those that they stand for', async () => {
  const halves = { data: Uint16Array.of(0x3c00, 0x0001, 0x7bff, 0xfc00, 0x8000), shape: [5], dtype: 'F16' };
  const brains = { data: Uint16Array.of(0x3f80, 0xff80, 0x0080), shape: [3], dtype: 'BF16' };
  const { tensors } = await io.readSafetensors(io.safetensorsBytes({ halves, brains }));
  expect([...tensors.get('halves')!.values()]).toEqual([1, 2 ** -24, 65504, -Infinity, -0]);
  expect([...tensors.get('brains')!.values()]).toEqual([1, -Infinity, 2 ** -126]);
  const large = { data: BigInt64Array.of(2n ** 40n), shape: [1] };
  const read = await io.readSafetensors(io.safetensorsBytes({ large }));
  expect(() => read.tensors.get('large')!.tensor()).toThrow(/32 bits/);
});

test('every bit of a file that we wrote is guarded, and every truncation', async () => {
  const bytes = io.safetensorsBytes(
    { a: arange(64), b: arange(5, undefined, 1, { dtype: 'float64' }) },
    { note: 'λ' },
  );
  await io.readSafetensors(bytes);
  let refused = 0;
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const error: unknown = await io.readSafetensors(damaged).catch((thrown: unknown) => thrown);
    if ((error as { code?: string }).code === 'ERR_FORMAT') refused++;
  }
  expect(refused).toBe(8 * bytes.length);
  for (let length = 0; length < bytes.length; length++) {
    await expect(io.readSafetensors(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'ERR_FORMAT' });
  }
});

/** A file with this header. */
function fileOf(header: string, data = 8): Uint8Array {
  const text = Buffer.from(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (fields = '"dtype":"F32","shape":[2],"data_offsets":[0,8]'): string => `{"a":{${fields}}}`;

test.each([
  [
    'a name twice',
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    /twice/,
  ],
  ['leading spaces', ` ${entry()}`, /start with/],
  ['a gap', entry('"dtype":"F32","shape":[1],"data_offsets":[4,8]'), /starts at byte 4/],
  [
    'an overlap',
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    /starts at byte 4/,
  ],
  ['a rest', entry('"dtype":"F32","shape":[1],"data_offsets":[0,4]'), /8 bytes of data/],
  ['a point in a length', entry('"dtype":"F32","shape":[2.0],"data_offsets":[0,8]'), /whole numbers/],
  ['a length below 0', entry('"dtype":"F32","shape":[-2],"data_offsets":[0,8]'), /whole numbers/],
  [
    'an overflow',
    entry('"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,8]'),
    /8 bytes for a shape of 0/,
  ],
  ['an unknown type', entry('"dtype":"F33","shape":[2],"data_offsets":[0,8]'), /F33/],
  [
    'a type that objects have',
    entry('"dtype":"constructor","shape":[2],"data_offsets":[0,8]'),
    /constructor/,
  ],
  ['an unknown field', entry('"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1'), /more/],
  ['null', '{"a":null}', /something else/],
  ['a list', '[]', /start with/],
  ['text behind it', `${entry()}x`, /JSON/],
  ['metadata of numbers', '{"__metadata__":{"a":1}}', /metadata/],
])('%s is refused', async (_, header, message) => {
  await expect(io.readSafetensors(fileOf(header))).rejects.toMatchObject({
    code: 'ERR_FORMAT',
    message: expect.stringMatching(message) as string,
  });
});

test('a file is written whole or not at all', async () => {
  const path = join(folder, 'a.safetensors');
  await io.writeSafetensors(path, { a: arange(3) });
  const before = await readFile(path);
  await expect(io.writeSafetensors(join(folder, 'none', 'a.safetensors'), { a: arange(3) })).rejects.toThrow(
    /ENOENT/,
  );
  await expect(io.writeSafetensors(path, { a: { data: new Float32Array(2), shape: [3] } })).rejects.toThrow(
    /shape of 2/,
  );
  await expect(io.writeSafetensors(path, { a: 5 as never })).rejects.toThrow(/typed array/);
  await expect(
    io.writeSafetensors(path, { a: { data: new Uint8Array(2), shape: [2], dtype: 'F16' } }),
  ).rejects.toThrow(/1 bytes/);
  expect(await readFile(path)).toEqual(before);
  expect(await readdir(folder)).toEqual(['a.safetensors']);
});

test('a renaming that fails leaves no temporary file', async () => {
  const path = join(folder, 'b');
  await io.writeSafetensors(join(folder, 'c'), { a: arange(3) });
  const { mkdir } = await import('node:fs/promises');
  await mkdir(path);
  await writeFile(join(path, 'inside'), 'x');
  await expect(io.writeSafetensors(path, { a: arange(3) })).rejects.toThrow(/EISDIR|ENOTEMPTY|EPERM/);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
