// What an asynchronous run leaves of the event loop, beside an idle one: node bench/event-loop.mjs
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { data, fit, manualSeed, nn, optim, penalty } from 'ridgeline';

/** @param {() => Promise<unknown>} work */
async function delays(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  const ms = (/** @type {number} */ ns) => Number((ns / 1e6).toFixed(2));
  return { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), longest: ms(delay.max) };
}

const { train, validation } = data.loadDigits();
manualSeed(3);
const model = new nn.Sequential(new nn.Linear(64, 512), new nn.ReLU(), new nn.Linear(512, 10));
const groups = optim.decayGroups(model, { weightDecay: 1e-2, penalty: penalty.l1(1e-3) });
const optimizer = new optim.AdamW(groups, { lr: 1e-3 });
const options = { train, validation, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 200, batchSize: 64 };
for (let round = 0; round < 3; round++) {
  console.log(
    JSON.stringify({ idle: await delays(() => sleep(1500)), fit: await delays(() => fit(model, options)) }),
  );
}
