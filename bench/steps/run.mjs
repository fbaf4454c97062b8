// Training steps beside the peers: PEERS=folder node bench/steps/run.mjs [threads] [models] [rounds]
// The folder holds venv (torch, jax, optax), bench (w5_mlp.py, w5_mlp.mjs) and data, outside this repository. Processes take
// turns, so that a machine whose speed drifts gives ratios that hold; each line is the best and the median of its rounds.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../rounds.mjs';

const peers = process.env['PEERS'];
if (peers === undefined) {
  console.error('Set PEERS to the folder of the peers: venv, bench and data (see CONTRIBUTING.md).');
  process.exit(1);
}
const [threads = '1', models = 'mlp64,mlp512,tiny,big', rounds = '3'] = process.argv.slice(2);
const bench = join(peers, 'bench');
const own = fileURLToPath(new URL('ridgeline.mjs', import.meta.url));
const python = join(peers, 'venv', 'bin', 'python');
const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: '8589934592', MALLOC_TRIM_THRESHOLD_: '17179869184' };

function lines(command, args) {
  /** @type {import('node:child_process').ExecFileSyncOptionsWithStringEncoding} */
  const options = { cwd: bench, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const parsed = execFileSync(command, args, options)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return parsed.map(({ impl, model, params, median: middle, min, step200, loss }) => ({
    impl,
    model: model ?? params.model,
    median: middle,
    min,
    step200: step200 ?? Object.values(loss ?? {})[0],
  }));
}

const results = new Map();
for (let round = 0; round < Number(rounds); round++) {
  for (const model of models.split(',')) {
    const found = [
      ...lines(process.execPath, [own, join(peers, 'data'), threads, model, '1.5']),
      ...lines(python, ['w5_mlp.py', 'impl=eager', `threads=${threads}`, `model=${model}`, 'secs=1.5']),
      ...lines(python, ['w5_mlp.py', 'impl=compile', `threads=${threads}`, `model=${model}`, 'secs=1.5']),
      ...lines(python, ['w5_mlp.py', 'impl=jax', `threads=${threads}`, `model=${model}`, 'secs=1.5']),
      ...(threads === '1' && round === 0
        ? lines(process.execPath, ['w5_mlp.mjs', 'impl=jaxjs', `model=${model}`, 'secs=1.5'])
        : []),
    ];
    for (const result of found) {
      const key = `${result.model} ${result.impl}`;
      results.set(key, [...(results.get(key) ?? []), result]);
    }
  }
}
for (const model of models.split(',')) {
  const of = (key) => results.get(key).map(({ median: middle }) => middle);
  const mine = of(`${model} ridgeline`);
  for (const [key, rows] of results) {
    if (!key.startsWith(`${model} `)) continue;
    console.log(
      JSON.stringify({
        model,
        impl: rows[0].impl,
        threads: Number(threads),
        median: median(of(key)),
        best: Math.min(...rows.map(({ min }) => min)),
        toRidgeline: +(median(of(key)) / median(mine)).toFixed(2),
        bestToRidgeline: +(
          Math.min(...rows.map(({ min }) => min)) /
          Math.min(...results.get(`${model} ridgeline`).map(({ min }) => min))
        ).toFixed(2),
        step200: rows[0].step200,
      }),
    );
  }
}
