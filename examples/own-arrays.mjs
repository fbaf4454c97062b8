// Your own training loop, your own Float32Arrays: one fused AdamW step with an L1 prox, in place.
import { kernels } from 'ridgeline';

const weights = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
const grads = new Float32Array(1000);
const [m, v] = [new Float32Array(1000), new Float32Array(1000)];
const step = kernels.bind('adamw', { weights, grads, m, v });

for (let t = 1; t <= 100; t++) {
  for (let j = 0; j < 1000; j++) grads[j] = weights[j] - (j % 10 === 0 ? 1 : 0.01); // your gradient
  const { zeros, penalty } = step({ step: t, lr: 0.05, l1: 0.1 });
  if (t === 100) console.log(`${zeros} of 1000 weights are exactly 0; the penalty was ${penalty.toFixed(2)}`);
}
