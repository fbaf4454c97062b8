import { lowestValidation } from './chart-curves.ts';
import { accuracy, listed, measure, percent, plural, strength } from './page-text.ts';
import type { CurvePoint, DemoResult, DemoRun, GridPoint } from './result.ts';

/** The run that pays nothing, if there is one. */
function baselineOf(runs: readonly DemoRun[]): DemoRun | undefined {
  return runs.find(({ name, grid }) => name === 'none' && grid.length === 0);
}

/** The run of which `figure` is largest, those apart that diverged. */
function top(runs: readonly DemoRun[], figure: (run: DemoRun) => number): DemoRun | undefined {
  return runs.filter((run) => Number.isFinite(figure(run))).toSorted((a, b) => figure(b) - figure(a))[0];
}

/** `under L1 prox`, `without a regularizer`, or both joined. */
function under(runs: readonly DemoRun[], conjunction: 'and' | 'or' = 'and'): string {
  const baseline = baselineOf(runs);
  const paying = runs.filter((run) => run !== baseline).map(({ name }) => name);
  const parts = paying.length === 0 ? [] : [`under ${listed(paying, conjunction)}`];
  const comma = paying.length > 1 ? ',' : '';
  return [...parts, ...(baseline ? ['without a regularizer'] : [])].join(`${comma} ${conjunction} `);
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The set-up: what is trained on what, and what differs. */
export function setupWords({ settings, runs }: DemoResult): string {
  const { samples, wrongLabels, hidden, epochs, batchSize, lr, seeds } = settings;
  return [
    `A network of 64 inputs, ${hidden} hidden units and 10 outputs learns ${samples} handwritten digits of 8 × 8 pixels.`,
    `${percent(wrongLabels)} of their labels are wrong on purpose: whoever fits all of them has learned mistakes.`,
    `It is trained in ${runs.length} ways that differ in the regularizer alone: ${plural(epochs, 'epoch')},`,
    `batches of ${batchSize}, learning rate ${lr}, from ${plural(seeds.length, 'seed')} each.`,
    'The strength λ of each is chosen on validation data. Biases pay nothing.',
  ].join(' ');
}

/** Who classifies best, by how much, and with which weights. */
export function tableWords(runs: readonly DemoRun[]): string {
  const baseline = baselineOf(runs);
  const best = top(runs, ({ testAccuracy }) => testAccuracy.mean);
  if (best === undefined) return '';
  const words = [
    best === baseline ? 'No regularizer did better on the test data than none.' : lead(runs, best, baseline),
  ];
  const paying = runs.filter((run) => run !== baseline).map(({ testAccuracy }) => testAccuracy.mean);
  if (paying.length > 1) {
    const range = Math.max(...paying) - Math.min(...paying);
    words.push(`The ${paying.length} regularizers lie within ${points(range)} of one another.`);
  }
  if (baseline !== undefined) words.push(normWords(runs, baseline));
  return words.join(' ');
}

/** Whoever the table shows to be best: two that differ in the second decimal both are. */
function lead(runs: readonly DemoRun[], { testAccuracy: high }: DemoRun, baseline?: DemoRun): string {
  const shown = accuracy(high.mean);
  const leaders = runs.filter(({ testAccuracy }) => accuracy(testAccuracy.mean) === shown);
  const highest = `test accuracy is highest ${under(leaders)}: ${shown}`;
  if (baseline === undefined) return sentence(highest);
  const low = baseline.testAccuracy;
  const gain = high.mean - low.mean;
  const doubt = gain < high.deviation + low.deviation ? ', which the spread over seeds could explain' : '';
  return sentence(
    `${highest}, ${points(gain)} more than the ${accuracy(low.mean)} without a regularizer${doubt}`,
  );
}

const points = (difference: number): string => `${(100 * difference).toFixed(1)} points`;

function normWords(runs: readonly DemoRun[], baseline: DemoRun): string {
  const smallest = top(runs, ({ weightNorm }) => -weightNorm);
  if (smallest === undefined || smallest === baseline) return 'None made the weights smaller.';
  return sentence(
    `the weights are smallest ${under([smallest])}: their norm is ${measure(smallest.weightNorm)}, ` +
      `against ${measure(baseline.weightNorm)} without a regularizer`,
  );
}

/** Where the validation loss turns without a regularizer, and under which it ends lowest. */
export function curvesWords(runs: readonly DemoRun[]): string {
  const ends = runs.flatMap((run) => {
    const last = run.curve.at(-1);
    return last !== undefined && Number.isFinite(last.validation) ? [{ run, last }] : [];
  });
  const baseline = ends.find(({ run }) => run === baselineOf(runs));
  const best = ends.toSorted((a, b) => a.last.validation - b.last.validation)[0];
  const words: string[] = [];
  if (baseline) words.push(overfitting(baseline.run.curve, baseline.last));
  if (best && best !== baseline) {
    const { train, validation } = best.last;
    const above = train > validation ? ': more, for there the wrong labels stay unlearned' : '';
    words.push(
      `The validation loss ends lowest ${under([best.run])}: at ${measure(validation)}, ` +
        `with ${measure(train)} on the training data${above}.`,
    );
  }
  return words.join(' ');
}

function overfitting(curve: readonly CurvePoint[], last: CurvePoint): string {
  const lowest = lowestValidation(curve) ?? last;
  if (last.validation <= 1.05 * lowest.validation) {
    return `Without a regularizer the validation loss ends at ${measure(last.validation)}, hardly above its lowest.`;
  }
  const turned =
    `Without a regularizer the validation loss turns at epoch ${lowest.epoch} ` +
    `and rises from ${measure(lowest.validation)} to ${measure(last.validation)}`;
  if (last.train >= lowest.train) return `${turned}.`;
  return (
    `${turned}, while the loss on the training data falls on to ${measure(last.train)}: ` +
    'the network learns the wrong labels by heart.'
  );
}

/** What one panel of curves shows. */
export function curveNote({ curve }: DemoRun): string {
  const lowest = lowestValidation(curve);
  const last = curve.at(-1);
  if (lowest === undefined || last === undefined) return '';
  return `lowest ${measure(lowest.validation)} (epoch ${lowest.epoch}), last ${measure(last.validation)}`;
}

/** How many of a unit's weights are exactly 0, over the runs. */
export function barsWords(
  units: readonly { readonly run: DemoRun; readonly unit: readonly number[] }[],
): string {
  const counts = units.map(({ run, unit }) => ({ run, zeros: zerosOf(unit), of: unit.length }));
  const sparse = counts.filter(({ zeros }) => zeros > 0).toSorted((a, b) => b.zeros - a.zeros);
  const dense = counts.filter(({ zeros }) => zeros === 0).map(({ run }) => run);
  const first = sparse[0];
  if (first === undefined) return 'No weight of these units is exactly zero.';
  const rest = sparse.slice(1).map(({ run, zeros }) => `${zeros} ${under([run])}`);
  const most = `${first.zeros} of the ${first.of} weights are exactly zero ${under([first.run])}`;
  const none = dense.length === 0 ? [] : [`none ${under(dense, 'or')}`];
  return sentence(listed([most, ...rest, ...none]));
}

/** The number of exact zeros. */
export function zerosOf(weights: readonly number[]): number {
  return weights.filter((weight) => weight === 0).length;
}

/** How much of a pictured layer is exactly zero, and how many of its units have no weight left. */
export function pictureNote(units: readonly (readonly number[])[]): string {
  const weights = units.reduce((sum, unit) => sum + unit.length, 0);
  const zeros = units.reduce((sum, unit) => sum + zerosOf(unit), 0);
  const empty = units.filter((unit) => zerosOf(unit) === unit.length).length;
  const share = `${percent(zeros / Math.max(1, weights))} exactly zero`;
  return empty === 0 ? share : `${share}, ${empty} of ${units.length} units empty`;
}

/** Which shares of the first layer are exactly zero, and which are only small. */
export function zerosWords(runs: readonly DemoRun[]): string {
  const sparse = runs.filter(({ exactZeros }) => exactZeros > 0);
  const dense = runs.filter(({ exactZeros }) => exactZeros === 0);
  const [first, ...rest] = sparse.toSorted((a, b) => b.exactZeros - a.exactZeros);
  const words: string[] = [];
  if (first === undefined) words.push('No regularizer makes a weight exactly zero.');
  else {
    const others = rest.map(({ name, exactZeros }) => `${name} ${percent(exactZeros)}`);
    const leading = `${first.name} leaves ${percent(first.exactZeros)} of the first layer exactly zero`;
    words.push(sentence(listed([leading, ...others])));
    if (dense.length > 0) words.push(`No weight is exactly zero ${under(dense, 'or')}.`);
  }
  const almost = top(dense, ({ nearZeros }) => nearZeros);
  if (almost && almost.nearZeros > 0) {
    const share = `${percent(almost.nearZeros)} of the weights`;
    words.push(sentence(`${under([almost])} ${share} are smaller than 0.0001, and still not zero`));
  }
  return words.join(' ');
}

/** Whether the chosen λ lie inside their grids, and what too large a one costs. */
export function strengthWords(runs: readonly DemoRun[]): string {
  const tried = runs.filter(({ grid }) => grid.length > 1);
  if (tried.length === 0) return 'No strength was compared with another.';
  const edges = tried.flatMap((run) => edgeWords(run));
  const inside = edges.length === 0 ? ['Every chosen λ lies inside its grid.'] : edges;
  const steepest = top(tried, (run) => fall(run));
  if (steepest === undefined || fall(steepest) <= 0) return inside.join(' ');
  const [high, low] = [meanOf(bestOf(steepest)), meanOf(steepest.grid.at(-1)!)];
  return [
    ...inside,
    `Too much costs most ${under([steepest])}: from ${accuracy(high)} at best to ${accuracy(low)} ` +
      `at λ = ${strength(steepest.grid.at(-1)!.lambda)}.`,
  ].join(' ');
}

const meanOf = (point: GridPoint): number => point.validationAccuracy.mean;
const bestOf = ({ grid }: DemoRun): GridPoint => grid.reduce((a, b) => (meanOf(b) > meanOf(a) ? b : a));
const fall = (run: DemoRun): number => meanOf(bestOf(run)) - meanOf(run.grid.at(-1)!);

function edgeWords({ name, grid, lambda }: DemoRun): string[] {
  if (lambda === grid.at(-1)!.lambda)
    return [`For ${name} the largest λ was chosen: one beyond the grid may be better.`];
  if (lambda === grid[0]!.lambda)
    return [`For ${name} the smallest λ was chosen: one below the grid may be better.`];
  return [];
}
