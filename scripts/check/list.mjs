import { run, runTool } from '../run.mjs';
import { addon } from './addon.mjs';
import { fixtures } from './fixtures.mjs';
import { layers } from './layers.mjs';
import { attw, install, publint } from './package.mjs';
import { one } from './result.mjs';
import { rust } from './rust.mjs';
import { vitest } from './vitest.mjs';

/** @param {string} command */
const cargo = async (command) => one(await run('cargo', command.split(' ')));

/** @param {string} packageName @param {readonly string[]} args */
const tool = async (packageName, ...args) => one(await runTool(packageName, args));

async function types() {
  const project = await runTool('typescript', ['-p', 'tsconfig.json'], 'tsc');
  return one(
    project.code === 0 ? await runTool('typescript', ['-p', 'tsconfig.scripts.json'], 'tsc') : project,
  );
}

/**
 * In the order they run: what takes a second before what takes a minute.
 *
 * @type {import('./result.mjs').Check[]}
 */
export const checks = [
  { name: 'prettier', run: () => tool('prettier', '--check', '--log-level', 'warn', '.') },
  { name: 'rustfmt', run: () => cargo('fmt --all --check -- --color=never') },
  { name: 'oxlint', run: () => tool('oxlint', '--deny-warnings') },
  { name: 'layers', run: layers },
  { name: 'knip', run: () => tool('knip') },
  { name: 'types', run: types },
  { name: 'vitest', run: vitest },
  { name: 'fixtures', run: fixtures },
  { name: 'addon', run: addon },
  { name: 'install', run: install },
  { name: 'publint', run: publint },
  { name: 'attw', run: attw },
  { name: 'clippy', run: () => cargo('clippy --quiet --workspace --all-targets --locked -- -D warnings') },
  { name: 'rust', run: rust },
];
