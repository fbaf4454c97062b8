import { runTool } from '../run.mjs';
import { reportFile } from './report-file.mjs';
import { counted } from './result.mjs';

/**
 * The tests of the built package. A file that does not load is one failure; a test that was skipped counts as
 * nothing and is named.
 */
export async function vitest() {
  const report = reportFile('vitest');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report.path}`];
  const finished = await runTool('vitest', args);
  const { testResults } = report.read();
  const tests = testResults.flatMap((file) => file.assertionResults);
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  /** @param {string} status */
  const count = (status) => tests.filter((test) => test.status === status).length;
  const notes = tests
    .filter((test) => test.status !== 'passed' && test.status !== 'failed')
    .map(
      ({ fullName, meta }) =>
        `skipped, not counted: ${fullName}${meta?.waitsFor ? ` (waits for ${meta.waitsFor})` : ''}`,
    );
  return counted(finished, { passed: count('passed'), failed: count('failed') + broken.length, notes });
}
