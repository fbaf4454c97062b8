// Every check, each with a line of its own; the last line is `N passed, N failed`. `--only name,name` runs some.
import { parseArgs } from 'node:util';
import { checks } from './check/list.mjs';
import { clip } from './run.mjs';
import { setup } from './setup/setup.mjs';

/** Lines of a failed check's output that are shown: enough for a compiler's errors, not for all of a log. */
const SHOWN = 120;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const names = values.only?.split(',');
const unknown = names?.filter((name) => !checks.some((check) => check.name === name)) ?? [];

if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(', ')}. There are: ${checks.map((check) => check.name).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  const total = { passed: 0, failed: 0 };
  const chosen = names ? checks.filter((check) => names.includes(check.name)) : checks;
  for (const check of [{ name: 'setup', run: checkSetup }, ...chosen]) {
    const { passed, failed } = await report(check);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/**
 * Runs a check, says how it went, and answers its counts. One that breaks has failed; none stops those after it.
 *
 * @param {import('./check/result.mjs').Check} check
 */
async function report({ name, run }) {
  const start = performance.now();
  const result = await run().catch((error) => ({
    passed: 0,
    failed: 1,
    notes: [],
    output: String(error.stack),
  }));
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const verdict = result.failed > 0 ? `FAILED (${result.failed})` : 'ok';
  const counts = result.passed > 1 ? `${result.passed} passed` : '';
  console.log(`${name.padEnd(12)}${seconds.padStart(8)}  ${verdict}  ${counts}`.trimEnd());
  for (const note of result.notes) console.log(`${' '.repeat(22)}${note}`);
  if (result.failed > 0) console.log(`\n${clip(result.output, SHOWN)}\n`);
  return result;
}

async function checkSetup() {
  const ready = await setup();
  return { passed: Number(ready), failed: Number(!ready), notes: [], output: 'Setup failed: see above.' };
}
