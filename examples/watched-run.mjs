// A run that is watched: metrics, averaged weights, a loop over the epochs, a chart of them.
import { data, evaluate, fit, manualSeed, nn, optim } from 'ridgeline';

const { train, validation, test } = data.loadDigits();
const loss = new nn.CrossEntropyLoss();
manualSeed(0);
const model = new nn.Sequential(new nn.Linear(64, 64), new nn.ReLU(), new nn.Linear(64, 10));
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
const options = { train, validation, loss, optimizer, epochs: 100, batchSize: 32 };

const run = fit(model, { ...options, metrics: ['f1'], average: { kind: 'ema', decay: 0.99 } });
for await (const { epoch, validation: score } of run) {
  if (epoch >= 20 && Number(score?.f1) > 0.9) break; // the run ends, the weights are those of this epoch
}
const history = await run;
console.log(history.plot());
history.average?.swap(); // the averages, which the validation part was scored with, become the weights
console.log('F1 of the test digits:', evaluate(model, test, loss, { metrics: ['f1'] }).f1);
