import { KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { accuracyOf } from './accuracy.ts';
import { aucOf } from './auc.ts';
import { type Scores, scoresOf } from './classes.ts';
import { f1Of } from './f1.ts';
import { logLossOf } from './log-loss.ts';
import type { Metric, MetricName } from './metric.ts';
import { determination, meanAbsoluteError } from './regression.ts';

/** A metric by its name, or with what the outputs are where they are no logits. */
export type MetricChoice = MetricName | { readonly metric: MetricName; readonly from?: Scores };

const makers: Readonly<Record<MetricName, (from: Scores) => Metric>> = {
  accuracy: accuracyOf,
  auc: aucOf,
  f1: f1Of,
  logLoss: logLossOf,
  mae: () => meanAbsoluteError,
  r2: () => determination,
};
const names = Object.keys(makers) as MetricName[];
const known = new KnownKeys(['metric', 'from']);

/** The metrics that `owner` was told to report, each once. */
export function chosenMetrics(owner: string, choices: readonly MetricChoice[]): Metric[] {
  if (!Array.isArray(choices)) {
    const expected = `a list of names (${names.join(', ')})`;
    throw new ArgumentError('ERR_TYPE', owner, 'metrics', expected, choices);
  }
  const chosen = choices.map((choice: MetricChoice) => {
    if (typeof choice !== 'object') return makers[oneOf(owner, 'metrics', choice, names)]('logits');
    known.check(owner, choice, 'metrics');
    const { metric, ...options } = choice;
    const made = makers[oneOf(owner, 'metrics', metric, names)](scoresOf(owner, options));
    if (made.classes || options.from === undefined) return made;
    throw new ArgumentError('ERR_OPTION', owner, 'metrics.from', `left out for ${metric}`, options.from);
  });
  const twice = chosen.find(({ name }, i) => chosen.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return chosen;
  throw new ArgumentError('ERR_OPTION', owner, 'metrics', 'different ones', `${twice.name} twice`);
}
