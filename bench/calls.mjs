// What a call costs, on 16 elements: node bench/calls.mjs
import { kernels } from 'ridgeline';
import { setExec } from '../dist/native.js';
import { median, rounds } from './rounds.mjs';

const plain = () => new Float32Array(16).fill(0.1);
const shared = () => new Float32Array(new SharedArrayBuffer(64)).fill(0.1);
const four = (make) => ({ weights: make(), grads: make(), m: make(), v: make() });

let step = 1;
const { weights, grads, m, v } = four(plain);
const overPlain = kernels.bind('adamw', four(plain));
const overArena = kernels.bind('adamw', four(shared));

const { threads } = kernels.info();
const times = rounds(100_000, 15, {
  // What the machine asks for any call: two numbers, nothing computed.
  'an empty native call': () => setExec(0, threads),
  'kernels.adamw': () => kernels.adamw(weights, grads, m, v, { step: step++, lr: 1e-3 }),
  'bound over plain arrays': () => overPlain({ step: step++, lr: 1e-3 }),
  'bound over an arena': () => overArena({ step: step++, lr: 1e-3 }),
});
for (const [name, samples] of Object.entries(times)) {
  console.log(
    JSON.stringify({
      name,
      ns: Math.round(1e6 * median(samples)),
      best: Math.round(1e6 * Math.min(...samples)),
    }),
  );
}
