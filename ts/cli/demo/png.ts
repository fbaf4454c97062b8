import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A PNG of `rgba`: [height, width, 4] bytes, alpha last.
 *
 * @see PNG, third edition, https://www.w3.org/TR/png-3/
 */
export function encodePng(rgba: Uint8Array, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a channel; colour type 6 is RGBA. Compression, filter and interlace stay 0.
  header.set([8, 6], 8);
  const pixels = deflateSync(scanlines(rgba, width, height), { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The rows, each after a byte that names its filter: 0, none. */
function scanlines(rgba: Uint8Array, width: number, height: number): Buffer {
  const stride = 4 * width;
  const lines = Buffer.alloc(height * (1 + stride));
  for (let y = 0; y < height; y++) {
    lines.set(rgba.subarray(y * stride, (y + 1) * stride), y * (1 + stride) + 1);
  }
  return lines;
}

/** Length, type and data, then the checksum of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
