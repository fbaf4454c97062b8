import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withTable } from '../scripts/readme.mjs';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = readFileSync(at('README.md'), 'utf8');
const examples = readdirSync(at('examples')).filter((name) => name.endsWith('.mjs'));

describe('the README', () => {
  test('shows the table of the demo’s recorded result', () => {
    const recorded: unknown = JSON.parse(readFileSync(at('docs/demo.json'), 'utf8'));
    expect(withTable(readme, recorded)).toBe(readme);
  });

  test('shows code that stands in the examples', () => {
    const code = examples.map((name) => readFileSync(at(`examples/${name}`), 'utf8')).join('\n');
    const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block!);
    expect(blocks.length).toBeGreaterThan(1);
    for (const line of blocks.join('\n').split('\n')) expect(code).toContain(line);
  });

  test('compares with PyTorch line by line: the right column is an example, in order', () => {
    const rows = [...readme.matchAll(/^\| `(.*?)` \| `(.*?)` \|$/gm)].map(([, , ours]) => ours!);
    const lines = readFileSync(at('examples/pytorch-loop.mjs'), 'utf8').split('\n');
    const places = rows.map((row) => lines.indexOf(row));
    expect(rows.length).toBeGreaterThan(10);
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

test.each(examples)('examples/%s runs and says something', (name) => {
  const printed = execFileSync(process.execPath, [at(`examples/${name}`)], { encoding: 'utf8' });
  expect(printed.trim()).not.toBe('');
  expect(printed).not.toContain('NaN');
});
