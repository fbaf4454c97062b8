import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { failure } from './result.mjs';

/**
 * Node-API functions that hand memory of ours to JS. Electron's V8 forbids it, so the addon must not even name them
 * (the name is there too when it is looked up at run time).
 */
const forbidden = ['napi_create_external_arraybuffer', 'napi_create_external_buffer'];

/** The built addon can be loaded by Electron. */
export async function addon() {
  const folder = join(root, 'native');
  const files = readdirSync(folder).filter((name) => name.endsWith('.node'));
  if (files.length === 0) return failure('There is no native/*.node.');
  const named = files.flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    return forbidden.filter((name) => bytes.includes(name)).map((name) => `native/${file} names ${name}`);
  });
  return named.length > 0 ? failure(named.join('\n')) : { passed: 1, failed: 0, notes: [], output: '' };
}
