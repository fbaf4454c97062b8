// Handwritten digits under an L1 penalty by prox: weights become exactly 0 while the network learns.
import { data, evaluate, fit, manualSeed, nn, optim, penalty, report } from 'ridgeline';

manualSeed(0);
const { train, validation, test } = data.loadDigits();
const model = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 10));
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(optim.decayGroups(model, { penalty: penalty.l1(1e-3) }), { lr: 3e-3 });

const history = await fit(model, { train, validation, loss, optimizer, epochs: 30, batchSize: 50, seed: 0 });
console.log('validation', history.at(-1)?.validation);

const { exactZeros, size } = report.sparsity(model).total;
console.log(`test accuracy ${evaluate(model, test, loss).accuracy}`);
console.log(`${((100 * exactZeros) / size).toFixed(0)} % of all weights and biases are exactly 0`);
