import { data, type Epoch, fit, History, manualSeed, nn, optim } from 'ridgeline';
import { View, parse } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';

/** Epochs of these total losses, and of these validation losses where there are some. */
function historyOf(train: readonly number[], validation?: readonly number[]): History {
  const score = (total: number): Epoch['train'] => ({
    data: total - 0.25,
    penalty: 0.25,
    total,
    f1: total / 4,
  });
  return History.fromJSON(
    train.map((total, i) => ({
      epoch: i + 1,
      train: score(total),
      ...(validation !== undefined && { validation: score(validation[i]!) }),
      zeros: 0,
      weightNorm: 1,
      skipped: 0,
    })),
  );
}

/** The lines of a chart without its title: what stands on the left, and the columns. */
function rowsOf(chart: string): { ticks: string[]; cells: string[] } {
  const lines = chart.split('\n').slice(1, -2);
  const at = lines[0]!.search(/[┤│]/u);
  return {
    ticks: lines.map((line) => line.slice(0, at).trim()),
    cells: lines.map((line) => line.slice(at + 1)),
  };
}

describe('plot', () => {
  test('draws training as a line and validation as dots, between aligned axes', () => {
    const history = historyOf([4, 3, 2.5, 2, 1.5, 1.25, 1.1, 1], [4, 3.4, 3, 2.6, 2.4, 2.2, 2.1, 2]);
    expect(history.plot({ width: 40, height: 7 })).toBe(
      [
        'total by epoch  ── train  ●● validation',
        '4.00 ┤●─╮',
        '     │  ╰─╮●',
        '     │    ╰───╮●',
        '2.50 ┤        ╰───╮ ●    ●',
        '     │            ╰────╮      ●   ●    ●',
        '     │                 ╰──────╮',
        '1.00 ┤                        ╰─────────',
        '     └┬─────────────┬──────────────────┬',
        '      1             4                  8',
      ].join('\n'),
    );
  });

  test('has the highest value on top and the lowest at the bottom', () => {
    const { ticks, cells } = rowsOf(historyOf([1, 5, 3]).plot({ height: 9, width: 60 }));
    expect(ticks[0]).toBe('5.00');
    expect(ticks.at(-1)).toBe('1.00');
    expect(cells.at(-1)![0]).toBe('─');
    expect(cells[0]!.trim()).toMatch(/^[╭─╮]+$/u);
    expect(cells.every((line) => line.length <= 55)).toBe(true);
  });

  test('is of more epochs than columns, of one, of equal values and of gaps', () => {
    const many = rowsOf(
      historyOf(Array.from({ length: 1000 }, (_, i) => 1000 - i)).plot({ width: 50, height: 5 }),
    );
    expect(many.cells[0]![0]).toBe('─');
    expect(many.cells.at(-1)!.at(-1)).toBe('─');
    const chart = historyOf(Array.from({ length: 1000 }, (_, i) => 1000 - i)).plot({ width: 50 });
    expect(chart.split('\n').at(-1)).toMatch(/^ +1 +500 +1000$/u);
    expect(historyOf([2]).plot({ width: 30 }).split('\n').at(-1)).toMatch(/^ +1$/u);
    const level = rowsOf(historyOf([2, 2, 2]).plot({ height: 5 }));
    expect(level.cells[2]).toMatch(/^─+$/u);
    const gaps = rowsOf(historyOf([1, 2, Number.NaN, 2, 1]).plot({ width: 45, height: 5 }));
    expect(
      gaps.cells
        .map((line) => line[20] ?? ' ')
        .join('')
        .trim(),
    ).toBe('');
    expect(new History().plot()).toBe('no epoch has ended yet');
  });

  test('keeps lines within the width, whatever the values', () => {
    for (const scale of [1e-12, 1e-3, 1, 1e5, 1e12]) {
      for (const width of [30, 80]) {
        const chart = historyOf([3, -2, 1].map((x) => x * scale)).plot({ width });
        expect(Math.max(...chart.split('\n').map((line) => line.length))).toBeLessThanOrEqual(
          Math.max(width, 40),
        );
        const lefts = chart
          .split('\n')
          .slice(1, -2)
          .map((line) => line.search(/[┤│]/u));
        expect(new Set(lefts).size).toBe(1);
      }
    }
  });

  test('is of any score', () => {
    expect(historyOf([4, 2]).plot({ score: 'f1' })).toMatch(/^f1 by epoch {2}── train\n1\.000? ┤/u);
    const history = historyOf([4, 2]);
    expect(refusal(() => history.plot({ score: 'auc' }))).toEqual({
      code: 'ERR_SELECTOR',
      message: 'history.plot: no epoch has a finite auc; there are data, penalty, total, f1.',
    });
    expect(refusal(() => history.plot({ width: 10 }))?.message).toContain(
      '`width` must be a whole number >= 30, got 10',
    );
    expect(refusal(() => history.plot({ height: 1.5 }))?.message).toContain(
      '`height` must be a whole number >= 3',
    );
    expect(refusal(() => history.plot({ heigth: 9 } as never))?.message).toContain('Did you mean height?');
  });
});

describe('toVegaLite', () => {
  /** The values of a specification that Vega draws, and what it warned of. */
  async function drawn(
    history: History,
    options = {},
  ): Promise<{ spec: Record<string, unknown>; warnings: string[] }> {
    const spec: Record<string, unknown> = JSON.parse(JSON.stringify(history.toVegaLite(options)));
    const warnings: string[] = [];
    const logger = {
      level: () => logger as never,
      error: (text: unknown) => (warnings.push(String(text)), logger as never),
      warn: (text: unknown) => (warnings.push(String(text)), logger as never),
      info: () => logger as never,
      debug: () => logger as never,
    };
    // On a copy: Vega marks the values.
    const { spec: vega } = compile(structuredClone(spec) as unknown as TopLevelSpec, { logger });
    const view = new View(parse(vega), { renderer: 'none' });
    const svg = await view.toSVG();
    expect(svg).toContain('<path');
    return { spec, warnings };
  }

  test('is one chart of one score, with a line for each part, as plain data', async () => {
    const { spec, warnings } = await drawn(historyOf([3, 2, 1], [3, 2.5, 2]), { scores: ['total'] });
    expect(warnings).toEqual([]);
    expect(spec).toMatchObject({
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      mark: { type: 'line' },
      encoding: { x: { field: 'epoch' }, y: { field: 'value', title: 'total' }, color: { field: 'part' } },
    });
    expect(spec['data']).toEqual({
      values: [
        { epoch: 1, part: 'train', score: 'total', value: 3 },
        { epoch: 2, part: 'train', score: 'total', value: 2 },
        { epoch: 3, part: 'train', score: 'total', value: 1 },
        { epoch: 1, part: 'validation', score: 'total', value: 3 },
        { epoch: 2, part: 'validation', score: 'total', value: 2.5 },
        { epoch: 3, part: 'validation', score: 'total', value: 2 },
      ],
    });
  });

  test('is a chart for the loss and for each metric, each with a scale of its own', async () => {
    const { spec, warnings } = await drawn(historyOf([3, 2, Number.NaN], [3, 2.5, 2]));
    expect(warnings).toEqual([]);
    expect(spec).toMatchObject({
      facet: { row: { field: 'score', sort: ['total', 'f1'] } },
      spec: { mark: { type: 'line' } },
      resolve: { scale: { y: 'independent' } },
    });
    const { values } = spec['data'] as { values: { score: string; value: number }[] };
    expect(values.map(({ score }) => score)).toEqual([
      ...Array.from({ length: 5 }, () => 'total'),
      ...Array.from({ length: 5 }, () => 'f1'),
    ]);
    expect(values.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  test('says what it has not', () => {
    const history = historyOf([1]);
    const wrong = (options: object): string | undefined =>
      refusal(() => history.toVegaLite(options))?.message;
    const expected = 'history.toVegaLite: `scores` must be a list of some of data, penalty, total, f1';
    expect(wrong({ scores: ['auc'] })).toBe(`${expected}, got auc`);
    expect(wrong({ scores: [] })).toContain(expected);
    expect(wrong({ score: ['f1'] })).toContain('Did you mean scores?');
  });
});

describe('as JSON', () => {
  test('is its epochs, and comes back as a history', async () => {
    manualSeed(1);
    const { train, validation } = data.loadDigits();
    const model = new nn.Sequential(new nn.Linear(64, 8), new nn.ReLU(), new nn.Linear(8, 10));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const options = { train: train.rows(0, 100), validation, loss: new nn.CrossEntropyLoss(), optimizer };
    const history = await fit(model, {
      ...options,
      epochs: 3,
      batchSize: 20,
      average: { kind: 'ema' },
      earlyStopping: { patience: 5 },
    });
    const text = JSON.stringify(history);
    expect(JSON.parse(text)).toEqual([...history]);
    expect(history.toJSON()).toEqual([...history]);
    const back = History.fromJSON(JSON.parse(text) as Epoch[]);
    expect(back).toBeInstanceOf(History);
    expect([...back]).toEqual([...history]);
    expect(String(back)).toBe(String(history));
    expect(back.plot()).toBe(history.plot());
    expect(JSON.stringify(back)).toBe(text);
  });

  test('has null for what is no number, and NaN again when it comes back', () => {
    const history = historyOf([Number.NaN, 1]);
    const text = JSON.stringify(history);
    expect(text).toContain('"total":null');
    const back = History.fromJSON(JSON.parse(text) as Epoch[]);
    expect(back.map(({ train }) => train.total)).toEqual([Number.NaN, 1]);
  });

  test('is a copy', () => {
    const history = historyOf([1]);
    const [epoch] = history.toJSON();
    Object.assign(epoch!.train, { total: 9 });
    expect(history[0]!.train.total).toBe(1);
  });
});
