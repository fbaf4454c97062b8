import { run } from '../run.mjs';
import { counted } from './result.mjs';

/** The tests of every crate but the addon, whose symbols are Node's: outside of Node it does not link. */
export async function rust() {
  const args = ['test', '--quiet', '--workspace', '--exclude', 'addon', '--locked', '--no-fail-fast'];
  const finished = await run('cargo', args);
  const results = [
    ...finished.stdout.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm),
  ];
  /** @param {number} column */
  const sum = (column) => results.reduce((total, result) => total + Number(result[column]), 0);
  const notes = sum(3) > 0 ? [`${sum(3)} ignored, not counted`] : [];
  return counted(finished, { passed: sum(1), failed: sum(2), notes });
}
