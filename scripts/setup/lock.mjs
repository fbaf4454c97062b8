import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../run.mjs';

const file = join(root, '.setup.lock');

/**
 * Runs `work` while no other setup of this checkout runs.
 *
 * @template T
 * @param {() => Promise<T>} work
 */
export async function alone(work) {
  let told = false;
  while (!take()) {
    if (!told) console.log('waiting for another setup of this folder (no other runs? delete .setup.lock)');
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    if (isHeld()) return false;
    rmSync(file, { force: true });
    return take();
  }
}

/** Whether the process that wrote the lock may still live; one written this moment may be empty yet. */
function isHeld() {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === 0) return Date.now() - statSync(file).mtimeMs < 5000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}
