// Handwritten digits under an L1 penalty by prox: weights become exactly 0 while the network learns.
import { data, evaluate, fit, manualSeed, nn, optim, penalty, report } from 'ridgeline';

manualSeed(0);
const { train, validation, test } = data.loadDigits();
const model = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 10));
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(optim.decayGroups(model, { penalty: penalty.l1(1e-3) }), { lr: 3e-3 });

const history = await fit(model, { train, validation, loss, optimizer, epochs: 30, batchSize: 50, seed: 0 });
const { validation: held } = history.at(-1);
console.log(
  `validation: data ${held.data.toFixed(3)} + penalty ${held.penalty.toFixed(3)} = ${held.total.toFixed(3)}`,
);

const { exactZeros, size } = report.sparsity(model).parameters[0];
console.log(`test accuracy ${(100 * evaluate(model, test, loss).accuracy).toFixed(1)} %`);
console.log(`${((100 * exactZeros) / size).toFixed(0)} % of the first layer is exactly 0`);
