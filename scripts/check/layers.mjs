import { runTool } from '../run.mjs';
import { failure } from './result.mjs';

/** The layers of ts/ hold (.dependency-cruiser.cjs), and there was something to look at. */
export async function layers() {
  const args = ['ts', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, output } = await runTool('dependency-cruiser', args, 'depcruise');
  if (!stdout.startsWith('{')) return failure(output);
  const { modules, summary } = JSON.parse(stdout);
  const seen = modules.filter(({ source }) => source.startsWith('ts/')).length;
  if (seen === 0) return failure('No module of ts/ was looked at.');
  if (summary.violations.length === 0) {
    return { passed: 1, failed: 0, notes: [`${seen} modules in their layers`], output: '' };
  }
  const lines = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  return failure(lines.join('\n'));
}
