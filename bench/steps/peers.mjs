// The peers of bench/steps, each a process of its own that prints a JSON line: microseconds a step, losses.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lines } from '../processes.mjs';

/**
 * @typedef {object} Measured
 * @property {string} impl
 * @property {number} median Microseconds a step.
 * @property {number} min
 * @property {number} steps How many steps of the common data it took first,
 * @property {number} loss and the loss of the last of them.
 * @property {readonly number[]} [losses] The loss of each of ours.
 */

/**
 * @typedef {object} Peer
 * @property {string} impl
 * @property {boolean} slow Measured once, on one thread: none of these uses more in Node.
 * @property {(model: string, threads: number, seconds: number) => readonly string[]} command
 */

const own = fileURLToPath(new URL('ridgeline.mjs', import.meta.url));

/**
 * Ours first, then the peers of a folder.
 *
 * @param {string} folder
 * @returns {readonly Peer[]}
 */
export function peersOf(folder) {
  const python = join(folder, 'venv', 'bin', 'python');
  const settings = (impl, model, seconds) => [`impl=${impl}`, `model=${model}`, `secs=${seconds}`];
  const numeric = (impl) => ({
    impl,
    slow: false,
    command: (model, threads, seconds) =>
      [python, 'w5_mlp.py', `threads=${threads}`].concat(settings(impl, model, seconds)),
  });
  const node = (impl) => ({
    impl,
    slow: true,
    command: (model, _threads, seconds) =>
      [process.execPath, 'w5_mlp.mjs'].concat(settings(impl, model, seconds)),
  });
  const ridgeline = (model, threads, seconds) =>
    [process.execPath, own, join(folder, 'data')].concat([threads, model, seconds].map(String));
  return [
    { impl: 'ridgeline', slow: false, command: ridgeline },
    ...['eager', 'compile', 'jax'].map(numeric),
    ...['jaxjs', 'tfjs-wasm', 'tfjs-cpu'].map(node),
  ];
}

/**
 * @param {string} folder
 * @param {readonly string[]} command
 * @param {number} threads
 * @returns {Measured}
 */
export function measure(folder, command, threads) {
  const [{ impl, median, min, loss: reached, losses }] = lines(command, {
    folder: join(folder, 'bench'),
    threads,
  });
  const [[step, loss]] = Object.entries(reached);
  return { impl, median, min, steps: Number(step.replace('step', '')), loss, losses };
}
