// A training loop of one's own, its step captured into one native call; then several strengths in one run.
import { compile, data, evaluate, fitMany, manualSeed, nn, optim, penalty } from 'ridgeline';

manualSeed(0);
const { train, validation } = data.loadDigits();
const criterion = new nn.CrossEntropyLoss();
const build = () => new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 10));

const model = build();
const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 });

/**
 * @param {import('ridgeline').Tensor} x
 * @param {import('ridgeline').Tensor} y
 */
function step(x, y) {
  const loss = criterion.forward(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
}
const captured = compile(step);
for (let epoch = 0; epoch < 10; epoch++) {
  for (const { x, y } of train.batches({ batchSize: 50 })) captured(x, y);
}
console.log('captured:', evaluate(model, validation, criterion).accuracy);

const strengths = [0, 1e-3, 3e-3];
const models = strengths.map(build);
const optimizers = models.map((one, i) => {
  const groups = optim.decayGroups(one, { penalty: penalty.l1(strengths[i] ?? 0) });
  return new optim.Adam(groups, { lr: 3e-3 });
});
const options = { train, validation, loss: criterion, epochs: 20, batchSize: 50 };
const histories = await fitMany(models, { ...options, optimizers });
histories.forEach((history, i) => console.log(`l1 ${strengths[i]}: ${String(history).split('\n').at(-1)}`));
