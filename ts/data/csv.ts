import { readFileSync } from 'node:fs';
import { CsvError, type Info, parse } from 'csv-parse/sync';
import { flag, KnownKeys, oneOf } from '../check.ts';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { tensor } from '../tensor/creation.ts';
import { arrayTypes, type FloatDType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Dataset } from './dataset.ts';

/** Options of {@link readCsv} and {@link parseCsv}. */
export interface CsvOptions {
  /** The column to predict: its name, or its number from 0. */
  readonly target: string | number;
  /** Columns that are left out. */
  readonly ignore?: readonly string[];
  /** Whether the first row holds the names of the columns; true unless given. */
  readonly header?: boolean;
  /** What is between two cells; a comma unless given. */
  readonly delimiter?: string;
  /**
   * What the target is: a `number`, or one of some `classes`, which may be any texts. Unless given, numbers if
   * every cell is one.
   */
  readonly task?: 'number' | 'classes';
  /** Of the numbers; float32 unless given. */
  readonly dtype?: FloatDType;
}

/** A table of numbers, and what its columns and classes are called. */
export interface Csv {
  /** Inputs [rows, features]; targets [rows, 1], or int32 [rows] for classes. */
  readonly dataset: Dataset;
  /** The names of the features, by column of x. */
  readonly features: readonly string[];
  readonly target: string;
  /** What the numbers in y stand for, in order; undefined where y is no class. */
  readonly classes: readonly string[] | undefined;
}

const known = new KnownKeys(['target', 'ignore', 'header', 'delimiter', 'task', 'dtype']);

/** A row of cells, and the line of the file that it ends at. */
interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Reads a CSV file of numbers and one column to predict.
 *
 * @throws {RidgelineError} `ERR_FORMAT` naming line and column of the first cell that is empty or no number.
 * @example
 * const { dataset, features } = data.readCsv('houses.csv', { target: 'price' });
 */
export function readCsv(path: string, options: CsvOptions): Csv {
  return table('readCsv', path, readFileSync(path, 'utf8'), options);
}

/** The same for a text that is there already. */
export function parseCsv(text: string, options: CsvOptions): Csv {
  return table('parseCsv', 'the text', text, options);
}

/** Rows of cells under the names of their columns. */
interface Table {
  readonly source: string;
  readonly names: readonly string[];
  readonly rows: readonly Row[];
}

function table(owner: string, source: string, text: string, options: CsvOptions): Csv {
  known.check(owner, options);
  const { header = true, delimiter = ',', dtype = 'float32', ignore = [], task } = options;
  flag(owner, 'header', header);
  oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
  if (task !== undefined) oneOf(owner, 'task', task, ['number', 'classes']);
  const all = cellsOf(source, rowsOf(source, text, delimiter), header);
  const { names } = all;
  const target = columnOf(owner, 'target', names, options.target);
  const left = new Set(ignore.map((name, i) => columnOf(owner, `ignore[${i}]`, names, name)));
  const columns = names.map((_, i) => i).filter((i) => i !== target && !left.has(i));
  const x = numbers(all, columns, dtype);
  const isClass =
    task === undefined ? !all.rows.every(({ cells }) => isNumber(cells[target]!)) : task === 'classes';
  const { y, classes } = isClass
    ? classesOf(all, target)
    : { y: numbers(all, [target], dtype), classes: undefined };
  const features = columns.map((column) => names[column]!);
  return { dataset: new Dataset(x, y), features, target: names[target]!, classes };
}

function cellsOf(source: string, rows: readonly Row[], header: boolean): Table {
  const data = header ? rows.slice(1) : rows;
  if (data.length === 0) fail(`${source} has no rows of data`);
  return { source, rows: data, names: rows[0]!.cells.map((cell, i) => (header ? cell : `column ${i}`)) };
}

/** These columns, [rows, columns]. */
function numbers({ source, names, rows }: Table, columns: readonly number[], dtype: FloatDType): Tensor {
  const data = rows.flatMap((row) => columns.map((column) => number(source, row, column, names[column]!)));
  return tensor(arrayTypes[dtype].from(data), { shape: [rows.length, columns.length] });
}

/** The places, in the order of all classes, of those in a column. */
function classesOf(
  { source, names, rows }: Table,
  column: number,
): { readonly y: Tensor; readonly classes: readonly string[] } {
  const labels = rows.map((row) => filled(source, row, column, names[column]!));
  const classes = [...new Set(labels)].toSorted(byNumberThenText);
  const places = new Map(classes.map((name, i) => [name, i]));
  return { y: tensor(Int32Array.from(labels.map((label) => places.get(label)!))), classes };
}

function rowsOf(source: string, text: string, delimiter: string): Row[] {
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { record: string[]; info: Info }[];
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    if (error instanceof CsvError) fail(`${source}: ${error.message}`);
    throw error;
  }
}

function columnOf(owner: string, name: string, names: readonly string[], wanted: string | number): number {
  const column = typeof wanted === 'number' ? wanted : names.indexOf(wanted);
  if (Number.isInteger(column) && column >= 0 && column < names.length) return column;
  const shown = names.slice(0, 12).join(', ');
  const expected = `a column of the table: ${shown}${names.length > 12 ? ', …' : ''}`;
  throw new ArgumentError('ERR_OPTION', owner, name, expected, wanted);
}

const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell));

function filled(source: string, { cells, line }: Row, column: number, name: string): string {
  const cell = cells[column]!;
  if (cell === '') fail(`${source}: line ${line}, column \`${name}\`: the cell is empty`);
  return cell;
}

function number(source: string, row: Row, column: number, name: string): number {
  const cell = filled(source, row, column, name);
  if (!isNumber(cell)) {
    fail(`${source}: line ${row.line}, column \`${name}\`: '${cell}' is not a finite number`);
  }
  return Number(cell);
}

function fail(message: string): never {
  throw new RidgelineError('ERR_FORMAT', `${message}.`);
}

/** Classes that are numbers in their order, before all others. */
function byNumberThenText(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  return a < b ? -1 : 1;
}
