import { ArgumentError } from '../errors.ts';
import type { FloatArray } from '../native.ts';

/** Throws unless `value` is a Float32Array or Float64Array whose memory is still there. */
export function floats(owner: string, name: string, value: FloatArray): FloatArray {
  if (isFloatArray(value)) {
    if (value.length === 0) attached(owner, name, value);
    return value;
  }
  throw new ArgumentError('ERR_TYPE', owner, name, 'a Float32Array or Float64Array', value);
}

/** Throws unless both have one type and one length. */
export function alike(
  owner: string,
  name: string,
  value: FloatArray,
  like: FloatArray,
  likeName: string,
): void {
  floats(owner, name, value);
  if (value.BYTES_PER_ELEMENT !== like.BYTES_PER_ELEMENT) {
    const expected = `a ${like.constructor.name} as \`${likeName}\` is`;
    throw new ArgumentError('ERR_TYPE', owner, name, expected, value);
  }
  if (value.length !== like.length) {
    const expected = `of length ${like.length} as \`${likeName}\` is`;
    throw new ArgumentError('ERR_SHAPE', owner, name, expected, `length ${value.length}`);
  }
}

/** An empty array is fine; one whose buffer was transferred or shrunk away only looks empty. */
function attached(owner: string, name: string, value: FloatArray): void {
  try {
    value.keys(); // the language validates the view here, and reads nothing
  } catch {
    const fix =
      'Its buffer was transferred to another thread or resized; pass a view that still has its memory.';
    throw new ArgumentError(
      'ERR_DETACHED',
      owner,
      name,
      'a view on memory that is there',
      'a detached one',
      fix,
    );
  }
}

/** Also of another realm (a vm context, a frame); `instanceof` alone would refuse those, and take imitations. */
function isFloatArray(value: unknown): value is FloatArray {
  if (!ArrayBuffer.isView(value)) return false;
  if (value instanceof Float32Array || value instanceof Float64Array) return true;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Float32Array]' || tag === '[object Float64Array]';
}
