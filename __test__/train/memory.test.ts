import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is alive after some runs, and after many more: programs in native code, and megabytes of shared memory. */
const program = `
  const { createRequire } = await import('node:module');
  const { compile, data, fit, fitMany, nn, optim, randn } = await import('ridgeline');
  const raw = {};
  createRequire(process.cwd() + '/')('./native/index.js').install(raw);
  const model = new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 1));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  const train = new data.Dataset(randn([50, 2]), randn([50, 1]));
  const loss = new nn.MSELoss();
  const options = { train, validation: train, loss, epochs: 3, batchSize: 8 };
  const average = { kind: 'ema' };

  async function once() {
    await fit(model, { ...options, optimizer, average, metrics: ['r2'] });
    await fitMany([model], { ...options, optimizers: [optimizer] });
    for await (const { epoch } of fit(model, { ...options, optimizer })) if (epoch === 2) break;
    await fit(model, { ...options, optimizer, signal: AbortSignal.abort() }).catch(() => {});
    const bad = new data.Dataset(randn([50, 2]).mul(Infinity).detach(), randn([50, 1]));
    await fit(model, { ...options, train: bad, optimizer }).catch(() => {});
    const step = compile(() => model.forward(train.x));
    for (let i = 0; i < 3; i++) step();
  }

  async function alive(runs) {
    for (let i = 0; i < runs; i++) await once();
    // Finalizers run some turns after a collection.
    for (let i = 0; i < 20; i++) {
      globalThis.gc();
      await new Promise((next) => setTimeout(next, 5));
    }
    const count = new Float64Array(1);
    raw.countPrograms(count);
    return count[0];
  }
  const before = await alive(2);
  const during = new Float64Array(1);
  const held = compile((x) => x.add(1));
  held(train.x);
  raw.countPrograms(during);
  console.log(JSON.stringify({ before, during: during[0], after: await alive(20), held: typeof held }));`;

test('programs of runs that have ended, in whatever way, are let go', async () => {
  const options = { cwd: root, timeout: 60_000 };
  const flags = ['--expose-gc', '--input-type=module', '--eval', program];
  const { stdout } = await run(process.execPath, flags, options);
  const { before, during, after } = JSON.parse(stdout) as Record<string, number>;
  expect(during).toBe(before! + 1); // it counts
  expect(after).toBe(during);
  expect(before).toBeLessThan(10);
});
