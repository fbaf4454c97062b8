import { bytes } from '../oracle/draw.ts';

/** What a call threw, as far as users and programs see it. */
export interface Refusal {
  readonly code: unknown;
  readonly message: string;
}

/** What `call` threw; undefined if it went through. */
export function refusal(call: () => unknown): Refusal | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { code, message: error instanceof Error ? error.message : String(error) };
  }
}

/** owner: `argument` must be what was expected, got what it was. */
const SENTENCE = /^[\w.]+: `[^`]+` must be .+, got .+/su;

/**
 * What is wrong with how `call` was refused, in a word; undefined if it threw a whole sentence with
 * a code and left every byte of `arrays` as it was.
 */
export function badlyRefused(call: () => unknown, arrays: readonly ArrayBufferView[]): string | undefined {
  const before = arrays.map((array) => Buffer.from(bytes(array)));
  const thrown = refusal(call);
  if (thrown === undefined) return 'accepted';
  if (typeof thrown.code !== 'string' || !thrown.code.startsWith('ERR_')) return `no code: ${thrown.message}`;
  if (!SENTENCE.test(thrown.message)) return `no sentence: ${thrown.message}`;
  const changed = arrays.findIndex((array, i) => Buffer.compare(bytes(array), before[i]!) !== 0);
  return changed === -1 ? undefined : `array ${changed} was changed`;
}
