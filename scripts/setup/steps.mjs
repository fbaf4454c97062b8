import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, runTool } from '../run.mjs';
import { needCargo } from './cargo.mjs';
import { isFresh, rebuild } from './stamp.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} doing What is said while it works.
 * @property {() => boolean} isDone
 * @property {() => Promise<{ code: number | null, output: string, advice?: string }>} work
 * @property {string} advice What to do when it fails, unless `work` knows better.
 */

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** @type {Step} */
const packages = {
  name: 'packages',
  doing: 'installing what package-lock.json names',
  isDone() {
    if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
    // npm notes here what it installed: a `npm install` by hand counts, an edited lock file does not.
    const installed = readJson('node_modules/.package-lock.json').packages;
    return Object.entries(readJson('package-lock.json').packages).every(([path, locked]) => {
      if (path === '') return true;
      const found = installed[path];
      // What is optional is another platform's.
      return found
        ? found.version === locked.version && found.integrity === locked.integrity
        : locked.optional;
    });
  },
  // Even under NODE_ENV=production or an npmrc that omits them: the tools that build are devDependencies.
  work: () => npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']),
  advice: 'Is the npm registry within reach? `npm ci` shows more.',
};

const { name, version, napi, scripts } = readJson('package.json');
const lockFile = 'package-lock.json';

const native = {
  stamp: 'native/.stamp',
  inputs: ['crates', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', '.cargo', lockFile],
  facts: [
    JSON.stringify({ name, version, napi, build: scripts['build:addon'] }),
    process.env['RUSTFLAGS'] ?? '',
  ],
  output: 'native',
};

/** @type {Step} */
const addon = {
  name: 'addon',
  doing: 'compiling the Rust core, some minutes the first time',
  isDone: () => isFresh(native),
  async work() {
    const trouble = await needCargo();
    if (trouble) return trouble;
    // package.json holds the command, once, for people and for us.
    const [, ...args] = scripts['build:addon'].split(' ');
    return rebuild(native, () => runTool('@napi-rs/cli', args, 'napi'));
  },
  advice: 'A C linker is needed too: build-essential, the Xcode command line tools, or the MSVC build tools.',
};

const dist = {
  stamp: 'dist/.stamp',
  inputs: ['ts', 'tsconfig.json', 'tsconfig.build.json', 'native/index.d.ts', lockFile],
  facts: [scripts['build:ts']],
  output: 'dist',
};

/** @type {Step} */
const typescript = {
  name: 'typescript',
  doing: 'compiling ts/',
  isDone: () => isFresh(dist),
  work() {
    const [, ...args] = scripts['build:ts'].split(' ');
    return rebuild(dist, () => runTool('typescript', args, 'tsc'));
  },
  advice: 'Mend what the compiler names above.',
};

/** In order: each needs the one before. */
export const steps = [packages, addon, typescript];
