import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

/**
 * @typedef {{ stamp: string, inputs: readonly string[], facts: readonly string[], output: string }} Product
 *   What a build makes: the folder `output` from the files and folders `inputs`, and from `facts` that are in no
 *   file of their own. The stamp lies in the folder that it vouches for.
 */

/**
 * Whether `output` is what the last build left, and was built from the inputs as they are now. Told by content, not
 * by time: a checkout of another branch and back rebuilds nothing, a file restored with an old date does.
 *
 * @param {Product} product
 */
export function isFresh(product) {
  const file = join(root, product.stamp);
  return existsSync(file) && readFileSync(file, 'utf8') === stampOf(product, inputsOf(product));
}

/**
 * Empties the output, builds, and stamps it. The inputs are read before the build, so that an edit made meanwhile
 * is seen the next time.
 *
 * @template {{ code: number | null }} Result
 * @param {Product} product
 * @param {() => Promise<Result>} build
 */
export async function rebuild(product, build) {
  const inputs = inputsOf(product);
  // Emptied, because a file whose source is gone would be shipped, and because overwriting an addon that a running
  // process has mapped kills that process.
  rmSync(join(root, product.output), { recursive: true, force: true });
  const result = await build();
  if (result.code === 0) writeFileSync(join(root, product.stamp), stampOf(product, inputs));
  return result;
}

/** @param {Product} product @param {string} inputs */
const stampOf = (product, inputs) => `${inputs}\n${digest([product.output], [], product.stamp)}\n`;

/** @param {Product} product */
const inputsOf = ({ inputs, facts }) => digest(inputs, [process.platform, process.arch, ...facts]);

/**
 * @param {readonly string[]} paths
 * @param {readonly string[]} facts
 * @param {string} [except]
 */
function digest(paths, facts, except) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of paths.flatMap(filesUnder).filter((path) => path !== except)) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .toSorted()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}
