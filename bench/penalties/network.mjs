// Steps of a network 784-1024-1024-10 at batch 256 with an elastic net on its weights, as network.py beside it.
// node bench/penalties/network.mjs data threads kinds seconds: a JSON line a kind, in us a step.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, kernels, nn, optim, penalty, tensor } from 'ridgeline';
import { median } from '../rounds.mjs';

/** @typedef {import('ridgeline').Tensor} Tensor */

const [folder = '.', threads = '1', kinds = 'none,enet,enet_prox', seconds = '2'] = process.argv.slice(2);
kernels.setThreads(Number(threads));

const WIDTHS = [784, 1024, 1024, 10];
const BATCH = 256;

const bytes = (name) => {
  const { buffer, byteOffset, length } = readFileSync(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + length);
};
const [x, y] = [new Float32Array(bytes('mlp_X.f32')), new Int32Array(bytes('mlp_y.i32'))];
const batches = Array.from({ length: Math.floor(y.length / BATCH) }, (_, i) => ({
  x: tensor(x.slice(i * BATCH * 784, (i + 1) * BATCH * 784), { shape: [BATCH, 784] }),
  y: tensor(y.slice(i * BATCH, (i + 1) * BATCH)),
}));

function network() {
  const layers = WIDTHS.slice(1).map((outputs, i) => new nn.Linear(WIDTHS[i], outputs));
  for (const [i, { weight, bias }] of layers.entries()) {
    const given = new Float32Array(bytes(`big_W${i}.f32`)); // [inputs, outputs]
    const [outputs, inputs] = weight.shape;
    weight.data.forEach((_, at) => {
      weight.data[at] = given[(at % inputs) * outputs + Math.floor(at / inputs)];
    });
    bias?.data.fill(0);
  }
  const [first, second, last] = layers;
  return new nn.Sequential(first, new nn.ReLU(), second, new nn.ReLU(), last);
}

const options = { none: {}, enet: { apply: 'coupled' }, enet_prox: { apply: 'proximal' } };

function measure(kind) {
  const model = network();
  const net = kind === 'none' ? null : penalty.elasticNet({ l1: 1e-5, l2: 1e-5 });
  const groups = optim.decayGroups(model, { penalty: net, ...options[kind] });
  const optimizer = new optim.AdamW(groups, { lr: 1e-3, weightDecay: 0 });
  const criterion = new nn.CrossEntropyLoss();
  const step = compile((/** @type {Tensor} */ input, /** @type {Tensor} */ target) => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(input), target);
    loss.backward();
    return { loss, stats: optimizer.step() };
  });
  const call = (i) => {
    const batch = batches[i % batches.length];
    const { loss, stats } = step(batch.x, batch.y);
    return loss.item() + stats.penalty;
  };
  const losses = Array.from({ length: 50 }, (_, i) => +call(i).toFixed(5));
  const samples = [];
  const started = performance.now();
  for (let i = 0; performance.now() - started < 1000 * Number(seconds) || samples.length < 7; i++) {
    const before = performance.now();
    call(i);
    samples.push(1000 * (performance.now() - before));
  }
  const [middle, least] = [median(samples), Math.min(...samples)];
  console.log(JSON.stringify({ impl: 'ridgeline', kind, median: middle, min: least, losses }));
}

for (const kind of kinds.split(',')) measure(kind);
