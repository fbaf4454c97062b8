import { io } from 'ridgeline';
import { expect, test } from 'vitest';

/** A file with this header. */
function fileOf(header: string, data: ArrayBufferView, version = 1): Uint8Array {
  const text = Buffer.from(header.padEnd(64));
  const wide = version > 1 ? 2 : 0;
  const bytes = new Uint8Array(10 + wide + text.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version > 1) view.setUint32(8, text.length, true);
  else view.setUint16(8, text.length, true);
  bytes.set(text, 10 + wide);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + wide + text.length);
  return bytes;
}

const header = (descr: string, shape: string, columns = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${columns}, 'shape': ${shape}, }`;

test.each([1, 2, 3])('version %i, rows first', async (version) => {
  const file = fileOf(header('<f4', '(2, 3)'), Float32Array.of(0, 1, 2, 3, 4, 5), version);
  const { shape, data, tensor } = await io.readNpy(file);
  expect([shape, [...data]]).toEqual([
    [2, 3],
    [0, 1, 2, 3, 4, 5],
  ]);
  expect(tensor().shape).toEqual([2, 3]);
});

test('columns first, and bytes the other way around', async () => {
  const columns = await io.readNpy(
    fileOf(header('<f8', '(2, 3)', 'True'), Float64Array.of(0, 3, 1, 4, 2, 5)),
  );
  expect([...columns.data]).toEqual([0, 1, 2, 3, 4, 5]);
  const big = await io.readNpy(fileOf(header('>i2', '(2,)'), Uint8Array.of(1, 0, 0, 2)));
  expect([...big.data]).toEqual([256, 2]);
  const entries = `{"shape": (1L,), "fortran_order": False, "descr": "|b1"}`;
  expect([...(await io.readNpy(fileOf(entries, Uint8Array.of(1)))).data]).toEqual([1]);
});

test.each([
  ['objects', header('|O', '(1,)'), /\|O/],
  ['records', `{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }`, /cannot be read|parts/],
  ['a number for a shape', header('<f4', '(2)'), /no list of lengths/],
  ['a shape below 0', header('<f4', '(-2,)'), /no list of lengths/],
  ['more than there is', header('<f4', '(3,)'), /8 bytes for a shape of 12/],
  ['an overflow', header('<f4', '(4294967296, 4294967296, 4294967296)'), /8 bytes for a shape/],
  ['a key twice', `{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}`, /twice/],
  ['a program', `{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}`, /cannot be read/],
  ['no shape', `{'descr': '<f4', 'fortran_order': False}`, /no shape/],
])('%s is refused', async (_, text, message) => {
  const error: unknown = await io
    .readNpy(fileOf(text, new Float32Array(2)))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ERR_FORMAT', message: expect.stringMatching(message) as string });
});

test('every truncation is refused', async () => {
  const file = fileOf(header('<f4', '(2,)'), Float32Array.of(1, 2));
  for (let length = 0; length < file.length; length++) {
    await expect(io.readNpy(file.subarray(0, length))).rejects.toMatchObject({ code: 'ERR_FORMAT' });
  }
});
