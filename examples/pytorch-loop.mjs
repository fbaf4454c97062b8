import { manualSeed, nn, optim, penalty, randn, tensor } from 'ridgeline';

manualSeed(0);
// prettier-ignore
const model = new nn.Sequential(
  new nn.Linear(100, 256),
  new nn.ReLU(),
  new nn.Linear(256, 10),
);
const criterion = new nn.CrossEntropyLoss();
const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4 });
const l1 = penalty.l1(1e-5);

const x = randn([32, 100]);
const target = tensor(Int32Array.from({ length: 32 }, (_, i) => i % 10));

const logits = model.forward(x);
const dataLoss = criterion.forward(logits, target);
const loss = dataLoss.add(l1.of(model.parameters()));

optimizer.zeroGrad();
loss.backward();
optimizer.step();
console.log(`data loss ${dataLoss.item().toFixed(4)}, with L1 ${loss.item().toFixed(4)}`);
