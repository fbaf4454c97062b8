import { KnownKeys, whole } from '../check.ts';
import { RidgelineError } from '../errors.ts';
import type { Epoch } from './epoch.ts';
import { type Part, type ScoreName, scoreNames, valuesOf } from './scores.ts';

/** Options of a text chart. */
export interface PlotOptions {
  /** What of the scores is drawn: `total`, `data`, `penalty`, or a metric; `total` unless given. */
  readonly score?: ScoreName;
  /** Columns in all, at least 30; 80 unless given. */
  readonly width?: number;
  /** Rows of the chart itself, at least 3; 12 unless given. */
  readonly height?: number;
}

const known = new KnownKeys(['score', 'width', 'height']);

/** Marks of both parts: a line, and dots over it. */
const names: Readonly<Record<Part, string>> = { train: '── train', validation: '●● validation' };

/** The smallest and the largest value. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** A chart of text: a score of training (line) and validation (dots) by epoch. */
export function plot(epochs: readonly Epoch[], options: PlotOptions = {}): string {
  known.check('history.plot', options);
  const { score = 'total', width = 80, height = 12 } = options;
  whole('history.plot', 'width', width, 30);
  whole('history.plot', 'height', height, 3);
  if (epochs.length === 0) return 'no epoch has ended yet';
  const series = (['train', 'validation'] as const)
    .map((part) => ({ part, values: valuesOf(epochs, part, score) }))
    .filter(({ values }) => values.some(Number.isFinite));
  if (series.length === 0) refuseScore(epochs, score);
  const range = rangeOf(series.flatMap(({ values }) => values));
  const ticks = ticksOf(range, height);
  const margin = Math.max(...ticks.map(({ length }) => length));
  const columns = width - margin - 2;
  const canvas = Array.from({ length: height }, () => Array.from({ length: columns }, () => ' '));
  for (const { part, values } of series) {
    const levels = levelsOf(values, columns, range, height);
    if (part === 'train') drawLine(canvas, levels);
    else drawDots(canvas, levels, values.length);
  }
  const rows = canvas.map((cells, row) => {
    const tick = ticks[row]!;
    return `${tick.padStart(margin)} ${tick === '' ? '│' : '┤'}${cells.join('').trimEnd()}`;
  });
  const title = `${score} by epoch  ${series.map(({ part }) => names[part]).join('  ')}`;
  return [title, ...rows, ...axisOf(epochs, margin, columns)].join('\n');
}

function refuseScore(epochs: readonly Epoch[], score: ScoreName): never {
  const there = scoreNames(epochs);
  throw new RidgelineError(
    'ERR_SELECTOR',
    `history.plot: no epoch has a finite ${score}; there are ${there.join(', ')}.`,
  );
}

function rangeOf(values: readonly number[]): Range {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (low < high) return { low, high };
  // One level alone: in the middle.
  const around = Math.abs(low) || 1;
  return { low: low - around / 2, high: high + around / 2 };
}

/** What stands beside each row: the value of every third and of the last one. */
function ticksOf({ low, high }: Range, height: number): string[] {
  const at = (row: number): number => high - ((high - low) * row) / (height - 1);
  const digits = Math.max(0, Math.min(20, 2 - Math.floor(Math.log10(high - low))));
  const large = Math.max(Math.abs(low), Math.abs(high)) >= 1e6 || digits > 6;
  const show = (value: number): string => (large ? value.toExponential(2) : value.toFixed(digits));
  return Array.from({ length: height }, (_, row) => {
    const ticked = row === height - 1 || (row % 3 === 0 && row <= height - 3);
    return ticked ? show(at(row)) : '';
  });
}

/** The row of each column; undefined where there is no value. */
function levelsOf(
  values: readonly number[],
  columns: number,
  { low, high }: Range,
  height: number,
): (number | undefined)[] {
  return Array.from({ length: columns }, (_, column) => {
    const value = valueAt(values, column, columns);
    if (!Number.isFinite(value)) return undefined;
    return Math.round(((high - value) / (high - low)) * (height - 1));
  });
}

/** The value above a column: between epochs that of the line from one to the next; of several, their mean. */
function valueAt(values: readonly number[], column: number, columns: number): number {
  const epochs = values.length;
  if (epochs === 1) return column === 0 ? values[0]! : Number.NaN;
  const place = (at: number): number => (at * (epochs - 1)) / (columns - 1);
  if (epochs <= columns) {
    const before = Math.min(Math.floor(place(column)), epochs - 2);
    const along = place(column) - before;
    if (along === 0) return values[before]!;
    return along === 1 ? values[before + 1]! : values[before]! * (1 - along) + values[before + 1]! * along;
  }
  const first = Math.max(0, Math.ceil(place(column - 0.5)));
  const last = Math.min(epochs - 1, Math.ceil(place(column + 0.5)) - 1);
  const some = values.slice(first, last + 1);
  return some.reduce((sum, value) => sum + value, 0) / some.length;
}

/** A line through all columns, joined where it rises or falls. */
function drawLine(canvas: string[][], levels: readonly (number | undefined)[]): void {
  levels.forEach((level, column) => {
    if (level === undefined) return;
    const before = levels[column - 1] ?? level;
    if (before === level) {
      canvas[level]![column] = '─';
      return;
    }
    const falls = before < level;
    canvas[before]![column] = falls ? '╮' : '╯';
    canvas[level]![column] = falls ? '╰' : '╭';
    for (let row = Math.min(before, level) + 1; row < Math.max(before, level); row++) {
      canvas[row]![column] = '│';
    }
  });
}

/** Dots: one an epoch, or, where epochs are many, one every second column. */
function drawDots(canvas: string[][], levels: readonly (number | undefined)[], epochs: number): void {
  const columns = levels.length;
  const dots = Math.min(epochs, columns >> 1);
  for (let dot = 0; dot < dots; dot++) {
    const column = columnOf(dot, dots, columns);
    const level = levels[column];
    if (level !== undefined) canvas[level]![column] = '●';
  }
}

/** The column of item `i` of `count` that are spread over all. */
function columnOf(i: number, count: number, columns: number): number {
  return count === 1 ? 0 : Math.round((i * (columns - 1)) / (count - 1));
}

/** The axis of epochs: the first, the middle and the last of them. */
function axisOf(epochs: readonly Epoch[], margin: number, columns: number): string[] {
  const last = epochs.length - 1;
  const line = Array.from({ length: columns }, () => '─');
  const labels = Array.from({ length: columns }, () => ' ');
  for (const mark of new Set([0, last >> 1, last])) {
    const column = columnOf(mark, epochs.length, columns);
    line[column] = '┬';
    const label = String(epochs[mark]!.epoch);
    const start = Math.min(Math.max(0, column - (label.length >> 1)), columns - label.length);
    [...label].forEach((digit, i) => {
      labels[start + i] = digit;
    });
  }
  const blank = ' '.repeat(margin + 1);
  return [`${blank}└${line.join('')}`, `${blank} ${labels.join('').trimEnd()}`];
}
