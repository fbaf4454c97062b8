import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  data,
  fit,
  Generator,
  kernels,
  manualSeed,
  nn,
  optim,
  penalty,
  type Tensor,
  tensor,
} from 'ridgeline';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const digits = data.loadDigits();
const loss = new nn.CrossEntropyLoss();

async function printed(program: string): Promise<string> {
  const options = { cwd: root, timeout: 30_000 };
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], options);
  return stdout.trim();
}

/** A fit that would take hours. */
const endless = `
  const { data, fit, nn, optim } = await import('ridgeline');
  const { train } = data.loadDigits();
  const model = new nn.Sequential(new nn.Linear(64, 512), new nn.ReLU(), new nn.Linear(512, 10));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  const running = fit(model, { train, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 1e6, batchSize: 128 });
`;

test('process.exit during a fit returns at once', async () => {
  const started = performance.now();
  const program = `${endless}
    setTimeout(() => { console.log(Date.now()); process.exit(0); }, 300);`;
  const asked = Number(await printed(program));
  expect(Date.now() - asked).toBeLessThan(250);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a worker that fits is terminated at once, and the main thread lives on', async () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    const url = import.meta.resolve('ridgeline');
    const source = ${JSON.stringify(endless)}.replace("'ridgeline'", JSON.stringify(url)) + ';postMessage(0)';
    const times = [];
    for (let i = 0; i < 3; i++) {
      const body = \`const { parentPort } = require('node:worker_threads');
        const postMessage = (m) => parentPort.postMessage(m); (async () => { \${source} })();\`;
      const worker = new Worker(body, { eval: true, execArgv: [] });
      await new Promise((started, fail) => worker.once('message', started).on('error', fail));
      await new Promise((wait) => setTimeout(wait, 50 * i));
      const before = performance.now();
      await worker.terminate();
      times.push(performance.now() - before);
    }
    const { kernels } = await import('ridgeline');
    console.log(Math.max(...times) < 250, kernels.penaltyValue(new Float32Array(1 << 20).fill(1), { l1: 1 }));`;
  expect(await printed(program)).toBe('true 1048576');
});

test('threads that helped with a step use no time of the processor when there is nothing to do', async () => {
  const program = `
    const { kernels, nn, noGrad, randn } = await import('ridgeline');
    kernels.setThreads(4);
    const layer = new nn.Linear(512, 512);
    const x = randn([512, 512]);
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    for (let i = 0; i < 20; i++) noGrad(() => layer.forward(x));
    await wait(100);
    const before = process.cpuUsage();
    await wait(500);
    const { user, system } = process.cpuUsage(before);
    console.log(user + system);`;
  expect(Number(await printed(program))).toBeLessThan(50_000);
});

test('timers fire while the steps run, and the main thread may train another model', async () => {
  const wide = (): nn.Module =>
    new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 10));
  const options = (model: nn.Module): Parameters<typeof fit>[1] => ({
    train: digits.train,
    loss,
    optimizer: new optim.AdamW(model.parameters(), { lr: 1e-3 }),
    epochs: 20,
    batchSize: 32,
  });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const [one, other] = [wide(), wide()];
  const results = await Promise.all([fit(one, options(one)), fit(other, options(other))]);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
  for (const history of results) expect(history.at(-1)!.train.data).toBeLessThan(history[0]!.train.data);
});

test.each([1, 2])(
  'a shuffled run with a short last batch is the loop by hand, bit for bit (%i threads)',
  async (threads) => {
    kernels.setThreads(threads);
    const build = (): { model: nn.Module; optimizer: optim.SGD } => {
      manualSeed(5);
      const model = new nn.Sequential(new nn.Linear(64, 16), new nn.ReLU(), new nn.Linear(16, 10));
      const p = penalty.elasticNet({ l1: 1e-3, l2: 1e-3 });
      return { model, optimizer: new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, penalty: p }) };
    };
    const train = digits.train.rows(0, 203);
    const one = build();
    await fit(one.model, { train, loss, optimizer: one.optimizer, epochs: 5, batchSize: 50, seed: 3 });
    const other = build();
    const shuffle = new Generator(3);
    for (let epoch = 0; epoch < 5; epoch++)
      for (const { x, y } of train.batches({ batchSize: 50, shuffle })) {
        other.optimizer.zeroGrad();
        loss.forward(other.model.forward(x), y).backward();
        other.optimizer.step();
      }
    expect(one.model.parameters().map(({ data: weights }) => weights)).toEqual(
      other.model.parameters().map(({ data: weights }) => weights),
    );
  },
);

test('parameters in plain arrays are refused, with the reason and the fix', async () => {
  class Own extends nn.Module {
    readonly weight = tensor(new Float32Array(640), { shape: [10, 64], requiresGrad: true });
    override forward(x: Parameters<nn.Module['forward']>[0]): typeof x {
      return nn.functional.linear(x, this.weight);
    }
  }
  const model = new Own();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const before = model.weight.data.slice();
  const refused = fit(model, { train: digits.train, loss, optimizer, epochs: 1, batchSize: 32 });
  await expect(refused).rejects.toThrow(
    'fit: `model` must be in shared memory, got parameters in plain arrays. Let parameters be nn.Parameter',
  );
  expect(model.weight.data).toEqual(before);
});

test('data that a model captures may lie in plain arrays: it is copied in, and the bits are those of the loop by hand', async () => {
  class Scaled extends nn.Module {
    readonly layer: nn.Linear = new nn.Linear(64, 10);
    readonly scale: Tensor = tensor(
      Float32Array.from({ length: 500 }, (_, i) => 1 + 0.1 * (i % 10)),
      {
        shape: [50, 10],
      },
    );
    override forward(x: Tensor): Tensor {
      return this.layer.forward(x).mul(this.scale);
    }
  }
  const build = (): { model: Scaled; optimizer: optim.SGD } => {
    manualSeed(2);
    const model = new Scaled();
    return { model, optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }) };
  };
  const train = digits.train.rows(0, 200);
  const [one, other] = [build(), build()];
  await fit(one.model, { train, loss, optimizer: one.optimizer, epochs: 3, batchSize: 50, shuffle: false });
  for (let epoch = 0; epoch < 3; epoch++)
    for (const { x, y } of train.batches({ batchSize: 50 })) {
      other.optimizer.zeroGrad();
      loss.forward(other.model.forward(x), y).backward();
      other.optimizer.step();
    }
  expect(one.model.layer.weight.data).toEqual(other.model.layer.weight.data);
});

test('a convolution without a bias is fitted', async () => {
  manualSeed(3);
  const convolution = new nn.Conv2d(1, 4, 3, { bias: false });
  const model = new nn.Sequential(convolution, new nn.ReLU(), new nn.Flatten(), new nn.Linear(144, 10));
  const { x, y } = digits.train.rows(0, 200);
  const train = new data.Dataset(x.reshape([200, 1, 8, 8]), y);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const history = await fit(model, { train, loss, optimizer, epochs: 5, batchSize: 50 });
  expect(history.at(-1)!.train.data).toBeLessThan(history[0]!.train.data);
});

test('a label that names no class ends the run with the words of the operation', async () => {
  const model = new nn.Linear(2, 3);
  const x = tensor(new Float32Array(40), { shape: [20, 2] });
  const labels = new Int32Array(20);
  labels[17] = 3;
  const train = new data.Dataset(x, tensor(labels));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const failed = fit(model, { train, loss, optimizer, epochs: 2, batchSize: 2, shuffle: false });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_VALUE' });
});
