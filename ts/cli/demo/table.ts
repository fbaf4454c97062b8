import type { DemoResult, DemoRun } from './result.ts';

/** A column of the table: its head, and what it shows of a run. */
interface Column {
  readonly head: string;
  readonly left?: boolean;
  readonly cell: (run: DemoRun) => string;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The columns that the terminal and the README show. */
export const columns: readonly Column[] = [
  { head: 'run', left: true, cell: (run) => run.name },
  { head: 'chosen λ', cell: (run) => (run.grid.length === 0 ? '–' : String(run.lambda)) },
  {
    head: 'test accuracy',
    cell: ({ testAccuracy: { mean, deviation } }) =>
      `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)} %`,
  },
  { head: '‖weights‖', cell: (run) => run.weightNorm.toFixed(2) },
  { head: 'exact zeros', cell: (run) => percent(run.exactZeros) },
  { head: 'near zeros', cell: (run) => percent(run.nearZeros) },
  { head: 'steps/s', cell: (run) => (Math.round(run.stepsPerSecond / 10) * 10).toLocaleString('en') },
];

/** The table for a terminal. */
export function textTable({ runs }: Pick<DemoResult, 'runs'>): string {
  const rows = [columns.map(({ head }) => head), ...runs.map((run) => columns.map(({ cell }) => cell(run)))];
  const widths = columns.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, c) => (columns[c]!.left === true ? text.padEnd(widths[c]!) : text.padStart(widths[c]!)))
      .join('   ');
  const rule = widths.map((width) => '─'.repeat(width)).join('   ');
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}

/** What the table shows, in sentences made of its numbers. */
export function summary({ runs }: Pick<DemoResult, 'runs'>): string {
  const find = (name: string): DemoRun | undefined => runs.find((run) => run.name === name);
  const [none, subgradient, prox] = [find('none'), find('L1 subgradient'), find('L1 prox')];
  if (none === undefined || subgradient === undefined || prox === undefined) return '';
  const best = runs.reduce((a, b) => (b.testAccuracy.mean > a.testAccuracy.mean ? b : a));
  const left = subgradient.exactZeros === 0 ? 'no weight' : percent(subgradient.exactZeros);
  return [
    `Without a penalty the network learns the wrong labels too: ${percent(none.testAccuracy.mean)} on clean test digits,`,
    `against ${percent(best.testAccuracy.mean)} for ${best.name}.`,
    `L1 by prox reaches ${percent(prox.testAccuracy.mean)} with ${percent(prox.exactZeros)} of the first layer exactly zero;`,
    `the same penalty by subgradient leaves ${left} exactly zero.`,
  ].join(' ');
}
