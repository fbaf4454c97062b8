// The public report: `npm run bench`. Operations per second by the package `benchmark`, then the two benches whose
// ratios bench/RESULTS.md keeps.
import Benchmark from 'benchmark';
import { kernels } from 'ridgeline';

const N = 100_000;
const wave = () => Float32Array.from({ length: N }, (_, j) => Math.sin(j));

/** Soft thresholding as a user would write it. */
function softThresholdLoop(w, threshold) {
  for (let j = 0; j < w.length; j++) {
    const excess = Math.abs(w[j]) - threshold;
    w[j] = excess > 0 ? Math.sign(w[j]) * excess : 0;
  }
}

function valueLoop(w, l1, l2) {
  let value = 0;
  for (let j = 0; j < w.length; j++) value += l1 * Math.abs(w[j]) + l2 * w[j] * w[j];
  return value;
}

function matmulLoop(a, b, out, n) {
  out.fill(0);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k];
      for (let j = 0; j < n; j++) out[i * n + j] += x * b[k * n + j];
    }
  }
}

function suite(title, cases) {
  console.log(`\n${title}`);
  const benchmarks = new Benchmark.Suite();
  for (const [name, run] of Object.entries(cases)) benchmarks.add(name, run);
  benchmarks.on('cycle', ({ target }) => console.log(`  ${target}`));
  benchmarks.run();
}

const [w, other] = [wave(), wave()];
suite(`soft threshold, ${N} elements`, {
  'kernels.softThreshold': () => kernels.softThreshold(w, 1e-9),
  'plain loop': () => softThresholdLoop(other, 1e-9),
});
suite(`penalty value, ${N} elements`, {
  'kernels.penaltyValue': () => kernels.penaltyValue(w, { l1: 0.1, l2: 0.1 }),
  'plain loop': () => valueLoop(other, 0.1, 0.1),
});
const n = 128;
const [a, b, out] = [wave().subarray(0, n * n), wave().subarray(0, n * n), new Float32Array(n * n)];
suite(`matrix product ${n}×${n}×${n}`, {
  'kernels.matmul': () => kernels.matmul(a, b, out, { m: n, n, k: n }),
  'plain loop': () => matmulLoop(a, b, out, n),
});

console.log('\nfused update, beside a memory stream (toStream) and beside no penalty (toAdamw)');
await import('./fused-adamw.mjs');
console.log('\ncost of a call, 16 elements');
await import('./calls.mjs');
