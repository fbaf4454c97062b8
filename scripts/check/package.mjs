import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, run, runTool } from '../run.mjs';
import { one } from './result.mjs';

const use = `
  const weights = Float32Array.of(1, -0.05);
  kernels.softThreshold(weights, 0.1);
  if (Math.abs(weights[0] - 0.9) > 1e-6 || weights[1] !== 0) throw new Error('softThreshold gave ' + weights);
`;
const imported = `import { kernels } from 'ridgeline';${use}`;
const required = `const { kernels } = require('ridgeline');${use}`;

/** A stranger's first minute: the tarball in an empty folder with its production dependencies, used three ways. */
export const install = () =>
  withTarball(async (tarball, folder) => {
    const cwd = join(folder, 'app');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'package.json'), '{ "private": true }\n');
    writeFileSync(join(cwd, 'imported.mjs'), imported);
    writeFileSync(join(cwd, 'required.cjs'), required);
    return firstFailure([
      () => npm(['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], { cwd }),
      () => run(process.execPath, ['imported.mjs'], { cwd }),
      () => run(process.execPath, ['required.cjs'], { cwd }),
      () => npm(['exec', '--no', '--', 'ridgeline', '--help'], { cwd }),
    ]);
  });

/** package.json says of the tarball what is so. */
export const publint = () =>
  withTarball(async (tarball) => one(await runTool('publint', ['run', tarball, '--strict'])));

/** The declarations are found and match, for whoever can import an ES module. */
export const attw = () =>
  withTarball(async (tarball) =>
    one(await runTool('@arethetypeswrong/cli', [tarball, '--profile', 'esm-only', '--no-color'], 'attw')),
  );

/**
 * Packs the package into a new folder, which is gone afterwards.
 *
 * @param {(tarball: string, folder: string) => Promise<import('./result.mjs').Result>} check
 */
async function withTarball(check) {
  const folder = mkdtempSync(join(tmpdir(), 'ridgeline-'));
  try {
    const packed = await npm(['pack', '--json', '--pack-destination', folder]);
    if (packed.code !== 0) return one(packed);
    const [{ filename }] = JSON.parse(packed.stdout);
    return await check(join(folder, filename), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {(() => Promise<import('../run.mjs').Finished>)[]} commands */
async function firstFailure(commands) {
  for (const command of commands) {
    const finished = await command();
    if (finished.code !== 0) return one(finished);
  }
  return { passed: 1, failed: 0, notes: [], output: '' };
}
