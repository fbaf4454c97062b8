// Resident memory over a million captured steps, then over four million of fit: node --expose-gc bench/memory.mjs
import { compile, data, fit, manualSeed, nn, optim, randn } from 'ridgeline';

manualSeed(0);
const model = new nn.Sequential(new nn.Linear(2, 32), new nn.ReLU(), new nn.Linear(32, 1));
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
const criterion = new nn.MSELoss();
const [x, y] = [randn([32, 2]), randn([32, 1])];
const step = compile(() => {
  const loss = criterion.forward(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});

/** @param {string} what @param {number} steps */
function report(what, steps) {
  globalThis.gc?.();
  const megabytes = Number((process.memoryUsage().rss / 1e6).toFixed(1));
  console.log(JSON.stringify({ what, steps, megabytes }));
}

for (let i = 1; i <= 1_000_000; i++) {
  step();
  if (i % 100_000 === 0) report('compile', i);
}
const train = new data.Dataset(randn([3200, 2]), randn([3200, 1]));
for (let i = 1; i <= 20; i++) {
  await fit(model, { train, loss: criterion, optimizer, epochs: 2000, batchSize: 32 });
  report('fit', i * 200_000);
}
