import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';

const rows = ({ shape, data: values }: Tensor): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => Array.from(values).slice(i * shape[1]!, (i + 1) * shape[1]!));

describe('a table', () => {
  test('of numbers, with quotes, spaces, a byte order mark and empty lines', () => {
    const text = '\uFEFF"size, m2",rooms,price\r\n 50 , 2, 1e5\r\n\r\n"75.5",3,-2\r\n';
    const table = data.parseCsv(text, { target: 'price' });
    expect(table.features).toEqual(['size, m2', 'rooms']);
    expect(rows(table.dataset.x)).toEqual([
      [50, 2],
      [75.5, 3],
    ]);
    expect([table.dataset.x.dtype, table.dataset.y.dtype]).toEqual(['float32', 'float32']);
    expect(rows(table.dataset.y)).toEqual([[1e5], [-2]]);
    expect(table.classes).toBeUndefined();
  });

  test('of classes, in the order of numbers, then of texts', () => {
    const text = 'a;kind;b\n1;10;0\n2;9;0\n3;cat;0\n4;9;0\n';
    const { dataset, classes, features } = data.parseCsv(text, {
      target: 'kind',
      delimiter: ';',
      ignore: ['b'],
    });
    expect(classes).toEqual(['9', '10', 'cat']);
    expect([dataset.y.dtype, ...dataset.y.data]).toEqual(['int32', 1, 0, 2, 0]);
    expect(features).toEqual(['a']);
  });

  test('of numbers that are classes, without a header, in double precision', () => {
    const options = { target: 1, header: false, task: 'classes', dtype: 'float64' } as const;
    const { dataset, classes, target } = data.parseCsv('0.1,7\n0.2,3\n', options);
    expect([...dataset.x.data]).toEqual([0.1, 0.2]);
    expect([classes, target]).toEqual([['3', '7'], 'column 1']);
  });

  test('from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'csv-'));
    const path = join(folder, 'table.csv');
    try {
      writeFileSync(path, 'x,y\n1,2\n');
      expect(data.readCsv(path, { target: 'y' }).dataset.length).toBe(1);
      writeFileSync(path, 'x,y\n1,2\noops,3\n');
      expect(() => data.readCsv(path, { target: 'y' })).toThrow(
        `${path}: line 3, column \`x\`: 'oops' is not a finite number.`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test.each([
  ['x,y\n1,2\n,3\n', {}, 'line 3, column `x`: the cell is empty'],
  ['x,y\n1,2\n"two\nlines",3\n', {}, "line 4, column `x`: 'two\nlines' is not a finite number"],
  ['x,y\n1,\n2,a\n', {}, 'line 2, column `y`: the cell is empty'],
  ['x,y\n1,a\n', { task: 'number' }, "line 2, column `y`: 'a' is not a finite number"],
  ['x,y\nInfinity,1\n', {}, "'Infinity' is not a finite number"],
  ['x,y\n1,2\n3\n', {}, 'line 3'],
  ['x,y\n"1,2\n', {}, 'Quote Not Closed'],
  ['x,y\n', {}, 'the text has no rows of data'],
  ['', {}, 'the text has no rows of data'],
  ['x,y\n1,2\n', { target: 'z' }, 'parseCsv: `target` must be a column of the table: x, y, got z'],
  ['x,y\n1,2\n', { target: 2 }, 'parseCsv: `target` must be a column of the table: x, y, got 2'],
  ['x,y\n1,2\n', { ignore: ['z'] }, 'parseCsv: `ignore[0]` must be a column of the table: x, y, got z'],
  ['x,y\n1,2\n', { separator: ';' }, 'separator'],
])('%j with %j: %s', (text, options, message) => {
  expect(() => data.parseCsv(text, { target: 'y', ...options } as data.CsvOptions)).toThrow(message);
});
