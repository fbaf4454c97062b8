import { readFile } from 'node:fs/promises';

/** The bytes of a file, or those given. Not as a Buffer, whose `slice` copies nothing. */
export async function bytesOf(source: string | URL | Uint8Array): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = source instanceof Uint8Array ? source : await readFile(source);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
