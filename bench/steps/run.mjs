// Training steps beside the peers: PEERS=folder node bench/steps/run.mjs [threads] [models] [rounds] [seconds]
// The folder, outside this repository, holds venv, node, data and bench (CONTRIBUTING.md). Processes take turns, so that a
// machine whose speed drifts gives ratios that hold; a line of the table is the median and the best of its rounds. Losses are
// compared with ours after as many steps of the same data from the same weights: 200, or what a peer reaches in 25 s.
import { peersFolder } from '../processes.mjs';
import { median } from '../rounds.mjs';
import { measure, peersOf } from './peers.mjs';

/** Models with common initial weights. */
const COMPARED = new Set(['mlp64', 'mlp512', 'tiny', 'big']);

/**
 * How far a loss may be from ours, relatively: peers differ in where Adam adds eps (tfjs 1e-7, by default) and decay. `big` forgets
 * its start: PyTorch's own runs, eager and compiled, are 7 % apart after 200 steps, and as near as others after 50.
 */
const tolerance = (model, steps) => (model === 'big' && steps > 50 ? 0.5 : 2e-3);

const folder = peersFolder();
const [threads = '1,2', models = 'mlp64,mlp512,tiny,big', rounds = '3', seconds = '1.5'] =
  process.argv.slice(2);

/** Who runs what: all of a model on as many threads after one another. */
const turns = models
  .split(',')
  .flatMap((model) => threads.split(',').map((count) => ({ model, count: Number(count) })))
  .flatMap(({ model, count }) => peersOf(folder).map((peer) => ({ peer, model, count })))
  .filter(({ peer, count }) => !peer.slow || count === 1)
  .map((turn) => Object.assign(turn, { rows: /** @type {import('./peers.mjs').Measured[]} */ ([]) }));

for (let round = 0; round < Number(rounds); round++) {
  for (const { peer, model, count, rows } of turns) {
    if (peer.slow && round > 0) continue;
    try {
      rows.push(measure(folder, peer.command(model, count, Number(seconds)), count));
    } catch (error) {
      console.error(`not measured: ${error}`); // a peer that is not installed, or cannot train this model
    }
  }
}

const middle = (rows) => median(rows.map((row) => row.median));
const best = (rows) => Math.min(...rows.map((row) => row.min));
const number = (value) => value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });

/** A loss beside ours after as many steps, and whether it is as near as it should be. */
function compared(model, { steps, loss }, ours) {
  if (!COMPARED.has(model)) return 'other initial weights';
  const mine = ours[steps - 1];
  const allowed = tolerance(model, steps);
  const verdict = Math.abs(loss - mine) <= allowed * mine ? 'within' : 'APART, not within';
  return `${loss.toFixed(5)} after ${steps}, ${verdict} ${100 * allowed} % of ${mine.toFixed(5)}`;
}

console.log('| model | threads | | median µs | best | median to ridgeline | best to ridgeline | loss |');
console.log('| --- | --: | --- | --: | --: | --: | --: | --- |');
for (const { model, count, rows } of turns.filter((turn) => turn.rows.length > 0)) {
  const mine = turns.find((turn) => turn.model === model && turn.count === count)?.rows ?? [];
  const ratios = [middle(rows) / middle(mine), best(rows) / best(mine)].map((ratio) => ratio.toFixed(2));
  const times = [middle(rows), best(rows)].map(number);
  const loss = compared(model, rows[0], mine[0].losses);
  console.log(`| ${[model, count, rows[0].impl].concat(times, ratios, loss).join(' | ')} |`);
}
