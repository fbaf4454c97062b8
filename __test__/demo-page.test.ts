import { inflateSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { renderPage } from '../ts/cli/demo/page.ts';
import type { DemoResult, DemoRun, Spread } from '../ts/cli/demo/result.ts';

const HIDDEN = 128;
const spread = (mean: number, deviation = 0.01): Spread => ({ mean, deviation });

/** Weights between ±size without a zero, of which the first `zeros` of each unit are then 0. */
const layer = (size: number, zeros = 0): number[] =>
  Array.from({ length: HIDDEN * 64 }, (_, i) => (i % 64 < zeros ? 0 : size * Math.cos(i + 0.5)));

/** A loss on the training data that falls, and one on the validation data that turns after epoch 4. */
const turning = [1, 2, 3, 4, 5, 6, 7, 8].map((epoch) => ({
  epoch,
  train: 2 / epoch,
  validation: 0.5 + 0.25 * Math.abs(epoch - 4),
}));

const run = (name: string, change: Partial<DemoRun> = {}): DemoRun => ({
  name,
  description: `what ${name} is`,
  lambda: 0.01,
  grid: [0.001, 0.01, 0.1].map((lambda, i) => ({ lambda, validationAccuracy: spread([0.8, 0.9, 0.3][i]!) })),
  testAccuracy: spread(0.85),
  weightNorm: 9,
  exactZeros: 0,
  nearZeros: 0,
  stepsPerSecond: 2500,
  curve: turning.map((point) => ({ ...point, train: 0.9, validation: 0.6 })),
  firstLayer: layer(0.2),
  ...change,
});

const none = run('none', {
  lambda: 0,
  grid: [],
  testAccuracy: spread(0.7),
  weightNorm: 30,
  curve: turning,
  firstLayer: layer(1),
});
const subgradient = run('L1 subgradient', { nearZeros: 0.31 });
const prox = run('L1 prox', {
  testAccuracy: spread(0.88),
  weightNorm: 4,
  exactZeros: 0.72,
  nearZeros: 0.73,
  firstLayer: layer(0.4, 48),
});

const result = (...runs: readonly DemoRun[]): DemoResult => ({
  settings: {
    samples: 300,
    wrongLabels: 0.2,
    hidden: HIDDEN,
    epochs: 8,
    batchSize: 100,
    lr: 0.002,
    seeds: [0, 1],
  },
  runs,
  isa: 'avx2',
  threads: 2,
  seconds: 12.3,
});

/** What the page says, each space a plain one. */
const wordsOf = (page: string): string => page.replaceAll('\u00a0', ' ');

/** Width, height and RGBA bytes of a PNG whose rows are not filtered. */
function decodePng(png: Buffer): { width: number; height: number; pixels: Buffer[][] } {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const lines = inflateSync(chunks.get('IDAT')!);
  expect(lines.length).toBe(height * (1 + 4 * width));
  const pixels = Array.from({ length: height }, (_, y) => {
    const start = y * (1 + 4 * width);
    expect(lines[start]).toBe(0);
    return Array.from({ length: width }, (__, x) => lines.subarray(start + 1 + 4 * x, start + 5 + 4 * x));
  });
  return { width, height, pixels };
}

const picturesOf = (page: string): Buffer[] =>
  [...page.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, text]) => Buffer.from(text!, 'base64'));

describe("the demo's page", () => {
  test('is one document that refers to nothing outside it and runs no script', async () => {
    const page = await renderPage(result(none, subgradient, prox));
    expect(page.match(/<!doctype html>/g)).toHaveLength(1);
    expect(page.trimEnd()).toMatch(/<\/html>$/);
    expect(page).not.toMatch(/<script|<link(?![^>]*href="data:,")|@import|url\((?!#)/);
    for (const [, target] of page.matchAll(/\s(?:src|href|xlink:href)="([^"]*)"/g))
      expect(target).toMatch(/^(data:|#)/);
  });

  test('has the name and the description of every run, and a panel in every section', async () => {
    const page = await renderPage(result(none, subgradient, prox));
    for (const { name, description } of [none, subgradient, prox]) {
      expect(page).toContain(`<b>${name}</b>`);
      expect(page).toContain(description);
    }
    // Curves and bars for three, accuracy for the two that have a λ.
    expect(page.match(/<svg /g)).toHaveLength(8);
    expect(picturesOf(page)).toHaveLength(3);
  });

  test('has no id twice', async () => {
    const page = await renderPage(result(none, subgradient, prox));
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('escapes markup in names and descriptions', async () => {
    const hostile = '<img src="http://example.org" onerror=\'x\'> & $&';
    const page = await renderPage(result(none, run(hostile, { description: hostile })));
    expect(page).not.toContain('<img src="http');
    expect(page).toContain('&lt;img src=&quot;http://example.org&quot; onerror=&#39;x&#39;&gt; &amp; $&amp;');
  });

  test('shows the first layer as tiles of 8×8 pixels, sixteen in a row, a pixel of the page between them', async () => {
    const [, picture] = picturesOf(await renderPage(result(none, prox)));
    const { width, height, pixels } = decodePng(picture!);
    expect([width, height]).toEqual([16 * 9 - 1, 8 * 9 - 1]);
    expect(pixels[0]![8]![3]).toBe(0);
    expect(pixels[0]![0]![3]).toBe(255);
  });

  test('gives exact zeros one grey that no other weight has', async () => {
    const [dense, sparse] = picturesOf(await renderPage(result(none, prox))).map(decodePng);
    const grey = sparse!.pixels[0]![0]!;
    const tile = sparse!.pixels.slice(0, 8).flatMap((row) => row.slice(0, 8));
    expect(tile.filter((pixel) => pixel.equals(grey))).toHaveLength(48);
    expect(dense!.pixels.flat().some((pixel) => pixel.equals(grey))).toBe(false);
  });

  test('says what the numbers say', async () => {
    const words = wordsOf(await renderPage(result(none, subgradient, prox)));
    expect(words).toContain(
      'Test accuracy is highest under L1 prox: 88.0 %, 18.0 points more than the 70.0 % without a regularizer.',
    );
    expect(words).toContain(
      'The weights are smallest under L1 prox: their norm is 4.00, against 30.0 without a regularizer.',
    );
    expect(words).toContain(
      'the validation loss turns at epoch 4 and rises from 0.50 to 1.50, while the loss on the training data falls on to 0.25',
    );
    expect(words).toContain(
      '48 of the 64 weights are exactly zero under L1 prox and none under L1 subgradient or without a regularizer.',
    );
    expect(words).toContain('L1 prox leaves 72 % of the first layer exactly zero.');
    expect(words).toContain(
      'Under L1 subgradient 31 % of the weights are smaller than 0.0001, and still not zero.',
    );
    expect(words).toContain(
      'Every chosen λ lies inside its grid. Too much costs most under L1 subgradient: from 90.0 % at best to 30.0 % at λ = 0.1.',
    );
  });

  test('says the contrary when the numbers are the contrary', async () => {
    const best = { ...none, testAccuracy: spread(0.95), weightNorm: 1, curve: prox.curve };
    const words = wordsOf(await renderPage(result(best, { ...subgradient, lambda: 0.1 })));
    expect(words).toContain('No regularizer did better on the test data than none.');
    expect(words).toContain('None made the weights smaller.');
    expect(words).toContain(
      'Without a regularizer the validation loss ends at 0.60, hardly above its lowest.',
    );
    expect(words).toContain('No weight of these units is exactly zero.');
    expect(words).toContain('No regularizer makes a weight exactly zero.');
    expect(words).toContain(
      'For L1 subgradient the largest λ was chosen: one beyond the grid may be better.',
    );
  });

  test('names all that lead, and doubts a lead within the spread', async () => {
    const equal = { testAccuracy: spread(0.71, 0.02) };
    const words = wordsOf(await renderPage(result(none, run('a', equal), run('b', equal), subgradient)));
    expect(words).toContain('Test accuracy is highest under L1 subgradient: 85.0 %');
    expect(words).toContain('The 3 regularizers lie within 14.0 points of one another.');
    const tied = wordsOf(await renderPage(result(none, run('a', equal), run('b', equal))));
    expect(tied).toContain(
      'Test accuracy is highest under a and b: 71.0 %, 1.0 points more than the 70.0 % without a regularizer, ' +
        'which the spread over seeds could explain.',
    );
  });

  test('stays whole when a run has diverged', async () => {
    const lost = run('lost', {
      curve: turning.map(({ epoch }) => ({ epoch, train: Number.NaN, validation: Number.NaN })),
      firstLayer: layer(Number.NaN),
      weightNorm: Number.NaN,
    });
    const page = await renderPage(result(none, lost));
    expect(page).toContain('<b>lost</b>');
    expect(page).not.toContain('The weights are smallest under lost');
    expect(page.match(/<svg [^]*?<\/svg>/g)!.join('')).not.toContain('NaN');
  });
});

describe('without Vega', () => {
  afterEach(() => {
    vi.doUnmock('vega');
    vi.resetModules();
  });

  test('the error names what to install', async () => {
    vi.resetModules();
    vi.doMock('vega', () => {
      throw new Error('not there');
    });
    const page = await import('../ts/cli/demo/page.ts');
    await expect(page.renderPage(result(none))).rejects.toThrow(
      'ridgeline demo: the page needs two more packages. Run `npm install vega vega-lite`.',
    );
  });
});
