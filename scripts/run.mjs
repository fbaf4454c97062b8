import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * @typedef {{ code: number | null, missing: boolean, stdout: string, output: string }} Finished
 *   How a command ended: `missing` when there is no such program, `output` is stdout and stderr as they came.
 */

/**
 * Runs a command to its end in `cwd`, the project's root by default, and keeps what it wrote.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, shell?: boolean }} [options]
 * @returns {Promise<Finished>}
 */
export function run(command, args, { cwd = root, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, shell, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => {
      const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
      resolve({ code: null, missing, stdout, output: `${output}${error.message}\n` });
    });
    child.on('close', (code) => resolve({ code, missing: false, stdout, output }));
  });
}

/**
 * Runs the command that an installed package brings, without the detour over npx.
 *
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {string} [command] The name of its command, where it has more than one.
 */
export function runTool(packageName, args, command = basename(packageName)) {
  const folder = join(root, 'node_modules', packageName);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = typeof bin === 'string' ? bin : /** @type {string} */ (bin[command]);
  return run(process.execPath, [join(folder, file), ...args]);
}

/**
 * Runs npm: the one that started us, or the one on the path.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function npm(args, options) {
  // Said aloud, because `npm test --silent` would hand its silence down to us.
  const loud = [...args, '--loglevel=error'];
  const parent = process.env['npm_execpath'];
  if (parent && basename(parent) === 'npm-cli.js') return run(process.execPath, [parent, ...loud], options);
  return run('npm', loud, { ...options, shell: process.platform === 'win32' });
}

/** What an npm script adds about its own package, and a wish for colours in what we parse. */
const dropped = /^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD$|FORCE_COLOR$)/;

/** Ours, plainer, and with cargo where rustup puts it, should this terminal be older than that. */
function environment() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
  const cargo = join(homedir(), '.cargo', 'bin');
  const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  if (existsSync(cargo)) env[path] = `${env[path]}${delimiter}${cargo}`;
  return { ...env, NO_COLOR: '1', CARGO_TERM_COLOR: 'never' };
}

/**
 * `text` in at most some `count` lines: its beginning, where a tool says what is wrong, and most of its end.
 *
 * @param {string} text
 * @param {number} count
 */
export function clip(text, count) {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= count) return lines.join('\n');
  const head = Math.floor(count / 3);
  const left = `(${lines.length - count} lines left out)`;
  return [...lines.slice(0, head), left, ...lines.slice(head - count)].join('\n');
}
