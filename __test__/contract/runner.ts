import { basename } from 'node:path';
import { TestRunner, type RunnerTask } from 'vitest';
import { waitingTests } from './waiting.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What is missing for a test of the contract to pass. */
    waitsFor?: string;
  }
}

/**
 * Runs the tests of waiting.ts too, and reports each as skipped while it fails: it is not counted as passed. One that
 * passes is reported as failed, so that the list cannot grow stale.
 */
export default class ContractRunner extends TestRunner {
  override onAfterRunTask(task: RunnerTask): void {
    super.onAfterRunTask(task);
    if (task.type !== 'test' || !task.result) return;
    const waiting = waitingTests.find(
      ({ file, name }) => task.name === name && basename(task.file.filepath) === file,
    );
    if (!waiting) return;
    if (task.result.state === 'fail') {
      task.mode = 'skip';
      task.meta.waitsFor = waiting.waitsFor;
      // A name of its own, because vitest prints the note but leaves it out of the type.
      const skipped = { state: 'skip' as const, note: `waits for ${waiting.waitsFor}` };
      task.result = skipped;
    } else if (task.result.state === 'pass') {
      const message = 'passes now: take it off the list in __test__/contract/waiting.ts';
      task.result = { ...task.result, state: 'fail', errors: [{ name: 'Error', message, stacks: [] }] };
    }
  }
}
