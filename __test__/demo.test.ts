// The main job, whole: its claims on fewer seeds than the README's table has.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Run {
  readonly name: string;
  readonly lambda: number;
  readonly testAccuracy: { readonly mean: number };
  readonly exactZeros: number;
}

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const cli = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });

test('L1 by prox zeroes over half the first layer at an accuracy not below none’s; by subgradient nothing', () => {
  const printed = execFileSync(process.execPath, [main, 'demo', '--json', '--seeds', '2'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const { runs } = JSON.parse(printed) as { readonly runs: readonly Run[] };
  const run = (name: string): Run => runs.find((candidate) => candidate.name === name)!;
  expect(runs.map(({ name }) => name)).toEqual([
    'none',
    'L2 coupled',
    'AdamW',
    'L1 subgradient',
    'L1 prox',
    'elastic net prox',
  ]);
  for (const name of ['L1 prox', 'elastic net prox']) {
    expect(run(name).exactZeros).toBeGreaterThan(0.5);
    expect(run(name).testAccuracy.mean).toBeGreaterThanOrEqual(run('none').testAccuracy.mean);
  }
  for (const name of ['none', 'L2 coupled', 'AdamW', 'L1 subgradient']) expect(run(name).exactZeros).toBe(0);
  const recorded = JSON.parse(readFileSync(new URL('../docs/demo.json', import.meta.url), 'utf8')) as {
    readonly runs: readonly Run[];
  };
  // Two of the table's five seeds: within a few of its standard deviations, on any CPU.
  for (const { name, testAccuracy } of recorded.runs) {
    expect(Math.abs(run(name).testAccuracy.mean - testAccuracy.mean)).toBeLessThan(0.08);
  }
}, 120_000);

describe('the command line', () => {
  test('demo prints its table and writes one page', () => {
    const page = join(mkdtempSync(join(tmpdir(), 'ridgeline-')), 'page.html');
    const { status, stdout } = cli('demo', '--epochs', '3', '--seeds', '1', '--output', page);
    expect(status).toBe(0);
    expect(stdout).toMatch(/run +chosen λ +test accuracy +‖weights‖ +exact zeros +near zeros +steps\/s/);
    expect(stdout).toContain(page);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test('--help lists the commands, and a command’s its options', () => {
    expect(cli('--help').stdout).toMatch(/demo[\s\S]*info/);
    expect(cli('demo', '--help').stdout).toMatch(/--epochs[\s\S]*--seeds[\s\S]*--output[\s\S]*--json/);
  });

  test('info names version, instruction set and threads', () => {
    expect(cli('info').stdout).toMatch(
      /^ridgeline \d+\.\d+\.\d+, (avx512|avx2|neon|scalar), \d+ threads, Node v/,
    );
  });

  test.each([
    [['dem'], 'Did you mean demo?'],
    [['demo', '--epochs', '0'], 'whole number of at least 1'],
    [['demo', '--epoch', '3'], 'Did you mean --epochs?'],
  ])('%j is refused with a hint', (args, hint) => {
    const { status, stderr } = cli(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(hint);
  });

  test('an instruction set that this CPU has not is refused when the library is loaded', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'info'], {
      encoding: 'utf8',
      env: { ...process.env, RIDGELINE_ISA: 'avx1024' },
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/RIDGELINE_ISA.*must be one of.*got the text 'avx1024'/);
  });
});
