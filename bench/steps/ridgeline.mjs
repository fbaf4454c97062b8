// Microseconds a training step: node bench/steps/ridgeline.mjs DATA threads models seconds
// DATA holds the peers' data: inputs, labels and initial weights, raw little-endian. One JSON line a model.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, kernels, nn, optim, tensor } from 'ridgeline';
import { median } from '../rounds.mjs';

/** @typedef {import('ridgeline').Tensor} Tensor */

const [folder = '.', threads = '1', models = 'mlp64,mlp512,tiny,big', seconds = '2'] = process.argv.slice(2);
kernels.setThreads(Number(threads));

const bytes = (name) => {
  const { buffer, byteOffset, length } = readFileSync(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + length);
};
const floats = (name) => new Float32Array(bytes(name));

/** Layers, weights and data of each model, as the peers have them. */
const CONFIGURATIONS = {
  mlp64: { name: 'mlp', widths: [784, 128, 10], batch: 64 },
  mlp512: { name: 'mlp', widths: [784, 128, 10], batch: 512 },
  tiny: { name: 'tiny', widths: [2, 32, 32, 1], batch: 32 },
  big: { name: 'big', widths: [784, 1024, 1024, 10], batch: 256 },
  cnn: { name: 'cnn', widths: [], batch: 64 },
};

function perceptron(name, widths) {
  const layers = [];
  for (let i = 0; i + 1 < widths.length; i++) {
    const [inputs, outputs] = [widths[i], widths[i + 1]];
    const layer = new nn.Linear(inputs, outputs);
    const weights = floats(`${name}_W${i}.f32`); // [inputs, outputs]
    for (let o = 0; o < outputs; o++)
      for (let j = 0; j < inputs; j++) layer.weight.data[o * inputs + j] = weights[j * outputs + o];
    layer.bias?.data.fill(0);
    layers.push(layer);
    if (i + 2 < widths.length) layers.push(new nn.ReLU());
  }
  return new nn.Sequential(...layers);
}

function convolutional() {
  return new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 49, 10),
  );
}

function batches(name, batch) {
  const tiny = name === 'tiny';
  const x = floats(tiny ? 'tiny_X.f32' : 'mlp_X.f32');
  const y = tiny ? floats('tiny_y.f32') : new Int32Array(bytes('mlp_y.i32'));
  const width = tiny ? 2 : 784;
  const inner = name === 'cnn' ? [1, 28, 28] : [width];
  return Array.from({ length: Math.floor(y.length / batch) }, (_, i) => ({
    x: tensor(x.slice(i * batch * width, (i + 1) * batch * width), { shape: [batch, ...inner] }),
    y: tensor(y.slice(i * batch, (i + 1) * batch), { shape: tiny ? [batch, 1] : [batch] }),
  }));
}

for (const model of models.split(',')) {
  const { name, widths, batch } = CONFIGURATIONS[model];
  const network = name === 'cnn' ? convolutional() : perceptron(name, widths);
  const optimizer = new optim.AdamW(network.parameters(), { lr: 1e-3, weightDecay: 1e-2 });
  const criterion = name === 'tiny' ? new nn.MSELoss() : new nn.CrossEntropyLoss();
  const step = compile((/** @type {Tensor} */ x, /** @type {Tensor} */ y) => {
    const loss = criterion.forward(network.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const data = batches(name, batch);
  const losses = Array.from({ length: 200 }, (_, i) => {
    const { x, y } = data[i % data.length];
    return +step(x, y).item().toFixed(5);
  });
  const samples = [];
  const started = performance.now();
  const chunk = { tiny: 100, big: 1 }[name] ?? 5;
  for (let i = 0; performance.now() - started < 1000 * Number(seconds) || samples.length < 7;) {
    const before = performance.now();
    for (let c = 0; c < chunk; c++, i++) step(data[i % data.length].x, data[i % data.length].y);
    samples.push((1000 * (performance.now() - before)) / chunk);
  }
  console.log(
    JSON.stringify({
      impl: 'ridgeline',
      threads: Number(threads),
      model,
      median: +median(samples).toFixed(2),
      min: +Math.min(...samples).toFixed(2),
      loss: { step200: losses.at(-1) },
      losses,
    }),
  );
}
