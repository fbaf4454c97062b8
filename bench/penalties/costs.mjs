// What a penalty adds to an update: all of them in turn, in one process.
import { kernels, optim, penalty, tensor } from 'ridgeline';
import { median, rounds } from '../rounds.mjs';

/** Steps of one optimizer over the same `length` weights, whose group has another penalty at each call. */
export function costs(count, length) {
  kernels.setThreads(count);
  const wave = (scale) => Float32Array.from({ length }, (_, i) => scale * Math.sin(1.37 * i));
  const w = tensor(wave(2), { requiresGrad: true });
  w.grad = tensor(wave(1e-2));
  const optimizer = new optim.AdamW([w], { lr: 1e-3, weightDecay: 0 });
  const [group] = optimizer.paramGroups;
  const net = penalty.elasticNet({ l1: 1e-4, l2: 1e-4 });
  const step = (options) => () => {
    Object.assign(group, options);
    optimizer.step();
  };
  const times = rounds(1, 40, {
    none: step({ penalty: null, apply: null }),
    L1: step({ penalty: penalty.l1(1e-4), apply: 'coupled' }),
    L2: step({ penalty: penalty.l2(1e-4), apply: 'coupled' }),
    'elastic net': step({ penalty: net, apply: 'coupled' }),
    'L1, prox': step({ penalty: penalty.l1(1e-4), apply: 'proximal-decoupled' }),
    'L1, prox in the metric': step({ penalty: penalty.l1(1e-4), apply: 'proximal' }),
    'elastic net, prox in the metric': step({ penalty: net, apply: 'proximal' }),
  });
  for (const [name, samples] of Object.entries(times)) {
    const ratio = median(samples.map((time, i) => time / times.none[i]));
    const best = Math.min(...samples) / Math.min(...times.none);
    const [middle, least] = [median(samples), Math.min(...samples)].map((ms) => (1e6 * ms) / length);
    console.log(`| ${[count, name, ...[middle, least, ratio, best].map((x) => x.toFixed(3))].join(' | ')} |`);
  }
}
