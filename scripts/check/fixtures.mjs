import { run } from '../run.mjs';
import { reportFile } from './report-file.mjs';
import { counted } from './result.mjs';

// The runner splits its arguments at blanks and dashes: paths without either, relative to the root.
const folder = '__test__/fixtures';
const runner = `${folder}/runner/oracle.mjs`;

/**
 * Whether a case failed in nothing but the data part of its losses. The C5 cases give it no tolerance, so that the runner
 * asks for every bit of PyTorch's run in double precision; `__test__/training-runs.test.ts` holds it to that of the losses.
 *
 * @param {{ id: string, grading: string, errs: readonly string[] }} failed
 */
const isUngradable = ({ id, grading, errs }) =>
  grading === 'hard' && id.startsWith('C5-') && errs.every((message) => message.startsWith('data_loss['));

/** PyTorch's, scikit-learn's and ONNX's numbers (__test__/fixtures). What no handler serves is told, not counted. */
export async function fixtures() {
  const report = reportFile('fixtures');
  const adapter = ['--adapter', `${folder}/adapter.mjs`, '--json', report.path];
  const finished = await run(process.execPath, [runner, '--cases', `${folder}/cases`, ...adapter]);
  if (finished.code !== 0 && !finished.output.includes('hard:'))
    return counted(finished, { passed: 0, failed: 0 });
  const { report: grades, fails } = report.read();
  const families = Object.entries(grades);
  const ungradable = fails.filter(isUngradable).length;
  /** @param {'pass' | 'fail' | 'unsupported'} outcome */
  const hard = (outcome) => families.reduce((total, [, grade]) => total + grade.hard[outcome], 0);
  const notes = families.map(([family, { hard: h, optional: o }]) => {
    const extra = o.pass + o.fail > 0 ? `; of the optional ${o.pass} passed, ${o.fail} failed` : '';
    return `${family}: ${h.pass} passed, ${h.fail} failed, ${h.unsupported} unsupported${extra}`;
  });
  if (ungradable > 0)
    notes.push(`${ungradable} of those failed in data_loss alone, which has no tolerance: not counted`);
  const failed = hard('fail') - ungradable;
  const code = failed === 0 && ungradable > 0 ? 0 : finished.code;
  return counted({ ...finished, code }, { passed: hard('pass'), failed, notes });
}
