import { run } from '../run.mjs';
import { reportFile } from './report-file.mjs';
import { counted } from './result.mjs';

// The runner splits its arguments at blanks and dashes: paths without either, relative to the root.
const folder = '__test__/fixtures';
const runner = `${folder}/runner/oracle.mjs`;

/** PyTorch's, scikit-learn's and ONNX's numbers (__test__/fixtures). What no handler serves is told, not counted. */
export async function fixtures() {
  const report = reportFile('fixtures');
  const adapter = ['--adapter', `${folder}/adapter.mjs`, '--json', report.path];
  const finished = await run(process.execPath, [runner, '--cases', `${folder}/cases`, ...adapter]);
  if (finished.code !== 0 && !finished.output.includes('hard:'))
    return counted(finished, { passed: 0, failed: 0 });
  const families = Object.entries(report.read().report);
  /** @param {'pass' | 'fail' | 'unsupported'} outcome */
  const hard = (outcome) => families.reduce((total, [, grades]) => total + grades.hard[outcome], 0);
  const notes = families.map(([family, { hard: h, optional: o }]) => {
    const extra = o.pass + o.fail > 0 ? `; of the optional ${o.pass} passed, ${o.fail} failed` : '';
    return `${family}: ${h.pass} passed, ${h.fail} failed, ${h.unsupported} unsupported${extra}`;
  });
  return counted(finished, { passed: hard('pass'), failed: hard('fail'), notes });
}
