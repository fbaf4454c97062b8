import { KnownKeys } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Epoch } from './epoch.ts';
import { type Part, type ScoreName, scoreNames, valuesOf } from './scores.ts';

/** Options of a Vega-Lite specification of epochs. */
export interface VegaLiteOptions {
  /** What is drawn, each in a chart of its own; the total loss, and what was measured, unless given. */
  readonly scores?: readonly ScoreName[];
}

/** A figure of one part after one epoch. */
interface Row {
  readonly epoch: number;
  readonly part: Part;
  readonly score: ScoreName;
  readonly value: number;
}

/** A Vega-Lite specification: plain data, for `JSON.stringify` and whatever draws it. */
export interface VegaLiteSpec {
  readonly $schema: string;
  readonly title: string;
  readonly data: { readonly values: readonly Row[] };
  readonly [key: string]: unknown;
}

const known = new KnownKeys(['scores']);
const parts: readonly Part[] = ['train', 'validation'];

/** Scores by epoch, a line for each part; more than one score below one another, each with its own scale. */
export function vegaLite(epochs: readonly Epoch[], options: VegaLiteOptions = {}): VegaLiteSpec {
  known.check('history.toVegaLite', options);
  const there = scoreNames(epochs);
  const { scores = there.filter((name) => name !== 'data' && name !== 'penalty') } = options;
  checkScores(scores, there);
  const values = scores.flatMap((score) => parts.flatMap((part) => rowsOf(epochs, part, score)));
  const line = {
    mark: { type: 'line', point: epochs.length <= 50, tooltip: true },
    encoding: {
      x: { field: 'epoch', type: 'quantitative', axis: { tickMinStep: 1 }, scale: { zero: false } },
      y: {
        field: 'value',
        type: 'quantitative',
        title: scores.length === 1 ? scores[0] : null,
        scale: { zero: false },
      },
      color: { field: 'part', type: 'nominal', title: null, scale: { domain: parts } },
    },
  };
  const common = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: 'Training by epoch',
    data: { values },
  };
  if (scores.length === 1) return { ...common, ...line };
  return {
    ...common,
    facet: { row: { field: 'score', type: 'nominal', title: null, sort: scores } },
    spec: line,
    resolve: { scale: { y: 'independent' } },
  };
}

function checkScores(scores: readonly ScoreName[], there: readonly ScoreName[]): void {
  const expected = `a list of some of ${there.join(', ')}`;
  const all = Array.isArray(scores) && scores.every((score) => there.includes(score));
  if (!all || (scores.length === 0 && there.length > 0)) {
    throw new ArgumentError('ERR_OPTION', 'history.toVegaLite', 'scores', expected, String(scores));
  }
}

/** What is not finite is left out: JSON has no word for it, and a line a gap. */
function rowsOf(epochs: readonly Epoch[], part: Part, score: ScoreName): Row[] {
  return valuesOf(epochs, part, score).flatMap((value, i) =>
    Number.isFinite(value) ? [{ epoch: epochs[i]!.epoch, part, score, value }] : [],
  );
}
