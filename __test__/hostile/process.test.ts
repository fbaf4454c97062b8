import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program prints that runs in a process of its own. */
async function printed(program: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    timeout: 30_000,
  });
  return stdout.trim();
}

/** A worker that runs large updates on several threads: once, or for as long as it lives. */
const worker = `
  import { Worker } from 'node:worker_threads';
  const url = import.meta.resolve('ridgeline');
  const work = (forever) => new Worker(\`
    const { parentPort } = require('node:worker_threads');
    import('\${url}').then(({ kernels }) => {
      kernels.setThreads(4);
      const array = () => new Float32Array(1 << 20).fill(1);
      const arrays = { weights: array(), grads: array(), m: array(), v: array() };
      const update = kernels.bind('adamw', arrays);
      do {
        update({ step: 1, lr: 1e-3, l1: 1e-3 });
        parentPort.postMessage(arrays.weights[0]);
      } while (\${forever});
    });\`, { eval: true, execArgv: [] });
`;

/** The main thread computes after all that. */
const alive = `
  const { kernels } = await import('ridgeline');
  console.log('alive', kernels.penaltyValue(new Float32Array(1 << 20).fill(1), { l1: 1, threads: 4 }));
`;

test('a worker that computes and ends leaves the main thread alive', async () => {
  const program = `${worker}
    for (let i = 0; i < 3; i++) {
      await new Promise((done, fail) => work(false).on('exit', done).on('error', fail));
    }
    ${alive}`;
  expect(await printed(program)).toBe('alive 1048576');
});

test('a worker that is terminated while it computes leaves the main thread alive', async () => {
  const program = `${worker}
    await import('ridgeline');
    for (let i = 0; i < 5; i++) {
      const thread = work(true);
      await new Promise((started, fail) => thread.once('message', started).on('error', fail));
      await new Promise((wait) => setTimeout(wait, 5 * i));
      await thread.terminate();
    }
    ${alive}`;
  expect(await printed(program)).toBe('alive 1048576');
});

test('two workers and the main thread compute at once', async () => {
  const program = `${worker}
    const { kernels } = await import('ridgeline');
    const threads = [work(true), work(true)];
    await Promise.all(threads.map((thread) => new Promise((started) => thread.once('message', started))));
    const w = new Float32Array(1 << 20).fill(1);
    for (let i = 0; i < 50; i++) kernels.softThreshold(w, 0.01, { threads: 4 });
    await Promise.all(threads.map((thread) => thread.terminate()));
    console.log(w.every((x) => x === w[0]), w[0].toFixed(2));`;
  expect(await printed(program)).toBe('true 0.50');
});

test('process.exit after a large call is prompt', async () => {
  const program = `
    const { kernels } = await import('ridgeline');
    const w = new Float32Array(1 << 22).fill(1);
    kernels.softThreshold(w, 0.1, { threads: 4 });
    const start = Date.now();
    process.on('exit', () => console.log(Date.now() - start));
    process.exit(0);`;
  const start = performance.now();
  expect(Number(await printed(program))).toBeLessThan(250);
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('process.exit in a worker that just computed ends the worker alone', async () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    const url = import.meta.resolve('ridgeline');
    const thread = new Worker(\`import('\${url}').then(({ kernels }) => {
      kernels.softThreshold(new Float32Array(1 << 20), 0.1, { threads: 2 });
      process.exit(3);
    })\`, { eval: true, execArgv: [] });
    const code = await new Promise((done) => thread.on('exit', done));
    console.log('code', code);
    ${alive}`;
  expect(await printed(program)).toBe('code 3\nalive 1048576');
});

test('a panic leaves the process alive', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const addon = createRequire(process.cwd() + '/native/')('./index.js');
    const raw = {};
    addon.install(raw);
    raw.panicNext();
    try {
      raw.ops.add();
    } catch (error) {
      console.log(error.code);
    }
    ${alive}`;
  expect(await printed(program)).toBe('ERR_INTERNAL\nalive 1048576');
});
