import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../run.mjs';

/**
 * A place for the JSON report of the tool called `name`, relative to the root; a report of an earlier run is gone.
 *
 * @param {string} name
 */
export function reportFile(name) {
  const path = `node_modules/.cache/ridgeline/${name}.json`;
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  rmSync(full, { force: true });
  return { path, read: () => JSON.parse(readFileSync(full, 'utf8')) };
}
