import { lowestValidation } from './chart-curves.ts';
import { accuracy, listed, measure, percent, plural, strength } from './page-text.ts';
import type { DemoResult, DemoRun, GridPoint } from './result.ts';

/** The run that pays nothing, if there is one. */
function baselineOf(runs: readonly DemoRun[]): DemoRun | undefined {
  return runs.find(({ name, grid }) => name === 'none' && grid.length === 0);
}

/** The run of which `figure` is largest. */
function top(runs: readonly DemoRun[], figure: (run: DemoRun) => number): DemoRun | undefined {
  return runs.toSorted((a, b) => figure(b) - figure(a))[0];
}

/** `under L1 prox`, `without a regularizer`, or both joined. */
function under(runs: readonly DemoRun[], conjunction: 'and' | 'or' = 'and'): string {
  const baseline = baselineOf(runs);
  const paying = runs.filter((run) => run !== baseline).map(({ name }) => name);
  const parts = paying.length === 0 ? [] : [`under ${listed(paying, conjunction)}`];
  return [...parts, ...(baseline ? ['without a regularizer'] : [])].join(`, ${conjunction} `);
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
  const best = top(runs, ({ testAccuracy }) => testAccuracy.mean);
  const baseline = baselineOf(runs);
  if (best === undefined) return '';
  if (baseline === undefined)
    return sentence(`test accuracy is highest ${under([best])}: ${accuracy(best.testAccuracy.mean)}`);
  return [comparison(best, baseline), normWords(runs, baseline)].filter(Boolean).join(' ');
}

function comparison(best: DemoRun, baseline: DemoRun): string {
  if (best === baseline) {
    return `No regularizer did better on test data than none, ${accuracy(baseline.testAccuracy.mean)}.`;
  }
  const [high, low] = [best.testAccuracy, baseline.testAccuracy];
  const points = (100 * (high.mean - low.mean)).toFixed(1);
  const within = high.mean - low.mean < high.deviation + low.deviation;
  return sentence(
    `test accuracy is highest ${under([best])}: ${accuracy(high.mean)}, ${points} points more than the ` +
      `${accuracy(low.mean)} without a regularizer${within ? ', which the spread over seeds could explain' : ''}`,
  );
}

function normWords(runs: readonly DemoRun[], baseline: DemoRun): string {
  const smallest = top(runs, ({ weightNorm }) => -weightNorm);
  if (smallest === undefined || smallest === baseline) return 'None made the weights smaller.';
  return sentence(
    `the weights are smallest ${under([smallest])}: their norm is ${measure(smallest.weightNorm)}, ` +
      `against ${measure(baseline.weightNorm)} without a regularizer`,
  );
}

/** Where the validation loss turns, without a regularizer and with. */
export function curvesWords(runs: readonly DemoRun[]): string {
  const turns = runs.flatMap((run) => {
    const lowest = lowestValidation(run.curve);
    const last = run.curve.at(-1);
    return lowest && last && Number.isFinite(last.validation) ? [{ run, lowest, last }] : [];
  });
  const baseline = turns.find(({ run }) => run === baselineOf(runs));
  const best = turns.toSorted((a, b) => a.last.validation - b.last.validation)[0];
  const words: string[] = [];
  if (baseline) {
    const { lowest, last } = baseline;
    const risen = last.validation > 1.05 * lowest.validation;
    words.push(
      risen
        ? `Without a regularizer the validation loss turns at epoch ${lowest.epoch} and rises from ` +
            `${measure(lowest.validation)} to ${measure(last.validation)}, while the loss on the training data ` +
            `falls to ${measure(last.train)}: the network learns the wrong labels by heart.`
        : `Without a regularizer the validation loss ends at ${measure(last.validation)}, hardly above its lowest.`,
    );
  }
  if (best && best !== baseline) {
    const { run, last } = best;
    words.push(
      `It ends lowest ${under([run])}, at ${measure(last.validation)}; the loss on the training data, ` +
        `wrong labels and all, stays at ${measure(last.train)}.`,
    );
  }
  return words.join(' ');
}

/** What one panel of curves shows. */
export function curveNote({ curve }: DemoRun): string {
  const lowest = lowestValidation(curve);
  const last = curve.at(-1);
  if (lowest === undefined || last === undefined) return '';
  return `lowest ${measure(lowest.validation)} at epoch ${lowest.epoch}, last ${measure(last.validation)}`;
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
    const share = `${percent(almost.nearZeros)} of them`;
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
