// The fused update beside what memory allows and beside a plain loop: node bench/fused-adamw.mjs
// Rounds alternate, so that a machine whose speed drifts gives ratios that hold.
import { kernels } from 'ridgeline';
import { median, rounds } from './rounds.mjs';

const SIZES = [10_000, 1_000_000, 10_000_000];
const OPTIONS = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 };

/** The best loop that a user would write by hand. */
function plainLoop(w, g, m, v, step) {
  const { lr, beta1, beta2, eps, weightDecay } = OPTIONS;
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const decay = 1 - lr * weightDecay;
  for (let j = 0; j < w.length; j++) {
    const a = (m[j] = beta1 * m[j] + (1 - beta1) * g[j]);
    const b = (v[j] = beta2 * v[j] + (1 - beta2) * g[j] * g[j]);
    w[j] = w[j] * decay - ((lr / correction1) * a) / (Math.sqrt(b) / correction2 + eps);
  }
}

function arrays(n) {
  const wave = () => Float32Array.from({ length: n }, (_, j) => 0.1 * Math.sin(j));
  return [wave(), wave(), new Float32Array(n), new Float32Array(n).fill(1e-3)];
}

for (const n of SIZES) {
  for (const threads of [1, 2]) {
    const [w, g, m, v] = arrays(n);
    let step = 1000;
    // One object for all calls: spreading options anew costs 4 µs a call, as much as 8,000 elements.
    const update = (penalty) => {
      const options = { ...OPTIONS, threads, step, ...penalty };
      return () => {
        options.step = step++;
        kernels.adamw(w, g, m, v, options);
      };
    };
    const repeats = Math.max(1, Math.round(1e6 / n));
    const times = rounds(repeats, n >= 1e7 ? 25 : 40, {
      stream: () => kernels.stream(w, g, m, v, { threads }),
      adamw: update({}),
      'adamw, L1 prox': update({ l1: 1e-6 }),
      'adamw, elastic net prox': update({ l1: 1e-6, l2: 1e-6 }),
      'adamw, L1 subgradient': update({ l1: 1e-6, apply: 'coupled' }),
      ...(threads === 1 && { 'plain loop': () => plainLoop(w, g, m, v, step++) }),
    });
    const best = (name) => Math.min(...times[name]);
    for (const [name, samples] of Object.entries(times)) {
      const ratio = median(samples.map((time, i) => time / times.stream[i]));
      console.log(
        JSON.stringify({
          n,
          threads,
          name,
          nsPerParameter: +((1e6 * best(name)) / n).toFixed(3), // the best round: what the machine can do
          toStream: +(best(name) / best('stream')).toFixed(3),
          toAdamw: +(best(name) / best('adamw')).toFixed(3),
          medianToStream: +ratio.toFixed(3), // round by round: what it did, neighbours included
        }),
      );
    }
  }
}
