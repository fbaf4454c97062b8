// Tables of programs that print a JSON line a measurement, taking turns.
import { lines } from '../processes.mjs';
import { median } from '../rounds.mjs';

/**
 * @typedef {object} Entry What one program measured of one kind, a row a round.
 * @property {number} threads
 * @property {string} kind
 * @property {string} impl
 * @property {any[]} rows
 */

const middle = ({ rows }) => median(rows.map((row) => row.median));
const best = ({ rows }) => Math.min(...rows.map((row) => row.min));

/** Runs all commands in each of `turns` rounds, and gathers what they print. */
function gather(commands, turns) {
  /** @type {Map<string, Entry>} */
  const found = new Map();
  const add = (threads, row) => {
    const { impl, kind = row.params.kind } = row;
    const key = `${threads} ${kind} ${impl}`;
    /** @type {Entry} */
    const entry = found.get(key) ?? { threads, kind, impl, rows: [] };
    entry.rows.push(row);
    found.set(key, entry);
  };
  for (let round = 0; round < turns; round++) {
    for (const { command, threads, folder } of commands)
      for (const row of lines(command, { folder, threads })) add(threads, row);
  }
  return [...found.values()];
}

/** Prints a line an entry: median and best of its rounds, and their ratios to the first with the same threads and kind. */
export function beside(commands, turns) {
  const entries = gather(commands, turns);
  for (const entry of entries) {
    const { threads, kind, impl, rows } = entry;
    const first = entries.find((other) => other.threads === threads && other.kind === kind) ?? entry;
    const ratios = [middle(entry) / middle(first), best(entry) / best(first)].map((ratio) =>
      ratio.toFixed(2),
    );
    const times = [middle(entry), best(entry)].map((time) => time.toPrecision(4));
    const loss = rows[0].losses?.at(-1).toFixed(4) ?? '';
    console.log(`| ${[threads, kind, impl, ...times, ...ratios, loss].join(' | ')} |`);
  }
}
