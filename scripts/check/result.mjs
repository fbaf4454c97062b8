/**
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} notes Said whatever the outcome.
 * @property {string} output Shown when something failed.
 *
 * @typedef {{ name: string, run: () => Promise<Result> }} Check
 */

/**
 * A check that is one command: it passes when the command exits with 0.
 *
 * @param {import('../run.mjs').Finished} finished
 * @returns {Result}
 */
export function one({ code, output }) {
  return { passed: Number(code === 0), failed: Number(code !== 0), notes: [], output };
}

/**
 * Counts made by a command. When it failed and says of nothing that failed, or says that nothing ran, that is one
 * failure: a check that looked at nothing has not passed.
 *
 * @param {import('../run.mjs').Finished} finished
 * @param {{ passed: number, failed: number, notes?: readonly string[] }} counts
 * @returns {Result}
 */
export function counted({ code, output }, { passed, failed, notes = [] }) {
  if (failed > 0 || (code === 0 && passed > 0)) return { passed, failed, notes, output };
  return { passed, failed: 1, notes, output: passed > 0 ? output : `${output}\nNothing passed.` };
}

/**
 * @param {string} output Why it failed.
 * @returns {Result}
 */
export const failure = (output) => ({ passed: 0, failed: 1, notes: [], output });
