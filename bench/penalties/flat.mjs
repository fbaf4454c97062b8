// Whole steps over one flat parameter, as the peers' w3_reg.py: data loss <w, g>, penalty, AdamW without decay.
// node bench/penalties/flat.mjs threads kind n seconds: a JSON line a form, in ns a parameter.
import { compile, kernels, optim, tensor } from 'ridgeline';
import { median } from '../rounds.mjs';
import { KINDS, LR } from './strengths.mjs';

const [threads = '1', kind = 'none', n = '10000000', seconds = '0.5'] = process.argv.slice(2);
kernels.setThreads(Number(threads));
const length = Number(n);

const wave = (scale) => {
  const data = new Float32Array(new SharedArrayBuffer(4 * length));
  for (let i = 0; i < length; i++) data[i] = scale * Math.sin(1.37 * i);
  return data;
};
const gradient = wave(1e-2);
const [row, column] = [
  [1, length],
  [length, 1],
].map((shape) => tensor(gradient, { shape }));

/** The step as each form writes it; the loss and what the update reports (penalty, norms, zeros) are returned. */
const forms = {
  // As a network does it: the loss is differentiated, the penalty is the optimizer's.
  'ridgeline, captured': (w, optimizer) =>
    compile(() => {
      optimizer.zeroGrad();
      const loss = w.matmul(column);
      loss.backward();
      return { loss, stats: optimizer.step() };
    }),
  // As the peers' form by hand does it: the gradient of the data loss is g itself.
  'ridgeline, gradient by hand': (w, optimizer) =>
    compile(() => {
      w.grad = row;
      const loss = w.detach().matmul(column);
      return { loss, stats: optimizer.step() };
    }),
};

for (const [impl, form] of Object.entries(forms)) {
  const w = tensor(wave(2), { shape: [1, length], requiresGrad: true });
  const optimizer = new optim.AdamW([{ params: [w], ...KINDS[kind] }], { lr: LR, weightDecay: 0 });
  const step = form(w, optimizer);
  const call = () => {
    const { loss, stats } = step();
    if (!Number.isFinite(loss.item() + stats.penalty)) throw new Error('the run diverged');
  };
  for (let i = 0; i < 5; i++) call();
  const samples = [];
  const started = performance.now();
  while (samples.length < 7 || performance.now() - started < 1000 * Number(seconds)) {
    const before = performance.now();
    call();
    samples.push((1e6 * (performance.now() - before)) / length);
  }
  const [middle, least] = [median(samples), Math.min(...samples)];
  console.log(JSON.stringify({ impl, params: { n: length, kind }, median: middle, min: least }));
}
