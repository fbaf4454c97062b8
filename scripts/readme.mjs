// Puts the demo's table into README.md, from docs/demo.json; `--run` runs the demo first and writes that file.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { columns } from '../dist/cli/demo/table.js';

const at = (path) => new URL(`../${path}`, import.meta.url);

if (process.argv.includes('--run')) {
  const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
  const result = JSON.parse(
    execFileSync(process.execPath, [main, 'demo', '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }),
  );
  const runs = result.runs.map(({ curve: _curve, firstLayer: _weights, ...run }) => run);
  writeFileSync(at('docs/demo.json'), `${JSON.stringify({ ...result, runs }, null, 2)}\n`);
}

/** The README with the table of `result` in its place. */
export function withTable(readme, { runs }) {
  const rows = [
    columns.map(({ head }) => head),
    columns.map(({ left }) => (left ? '---' : '--:')),
    ...runs.map((run) => columns.map(({ cell }) => cell(run))),
  ];
  const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  return readme.replace(/(<!-- demo: .*? -->\n)[\s\S]*?(<!-- \/demo -->)/, `$1\n${table}\n\n$2`);
}

const readme = readFileSync(at('README.md'), 'utf8');
const result = JSON.parse(readFileSync(at('docs/demo.json'), 'utf8'));
if (process.argv[1] === new URL(import.meta.url).pathname)
  writeFileSync(at('README.md'), withTable(readme, result));
