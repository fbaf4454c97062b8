// What penalties cost: node bench/penalties.mjs [parts] [threads] [rounds] [n]
// `costs` compares our updates with one another in this process; `flat` and `network` stand beside PyTorch and jax, processes in
// turn, and need PEERS (CONTRIBUTING.md). A line is the median and the best of its rounds.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beside } from './penalties/beside.mjs';
import { costs } from './penalties/costs.mjs';
import { peersFolder } from './processes.mjs';

const [parts = 'costs,flat,network', list = '1,2', turns = '3', n = '10000000'] = process.argv.slice(2);
const counts = list.split(',').map(Number);
const own = {
  flat: fileURLToPath(new URL('penalties/flat.mjs', import.meta.url)),
  network: fileURLToPath(new URL('penalties/network.mjs', import.meta.url)),
  peers: fileURLToPath(new URL('penalties/network.py', import.meta.url)),
};

/** Whole steps over one flat parameter: ours, then the peers' w3_reg.py. */
function flat() {
  const folder = join(peersFolder(), 'bench');
  const python = join(folder, '..', 'venv', 'bin', 'python');
  const kinds = ['none', 'l1', 'l2', 'enet', 'prox_l1'];
  const commands = counts.flatMap((threads) =>
    kinds.flatMap((kind) =>
      [
        [process.execPath, own.flat, String(threads), kind, n],
        [python, 'w3_reg.py', 'impl=torch,compile,jax', `n=${n}`, `threads=${threads}`, `kind=${kind}`],
      ].map((command) => ({ threads, folder, command })),
    ),
  );
  beside(commands, Number(turns));
}

/** A network with an elastic net on its weights: ours, then PyTorch and jax. */
function network() {
  const folder = peersFolder();
  const [data, python] = [join(folder, 'data'), join(folder, 'venv', 'bin', 'python')];
  const commands = counts.flatMap((threads) =>
    [
      [process.execPath, own.network, data, String(threads)],
      [python, own.peers, `data=${data}`, `threads=${threads}`],
    ].map((command) => ({ threads, folder, command })),
  );
  beside(commands, Number(turns));
}

const columns = 'median | best | median to ours | best to ours';
if (parts.includes('costs')) {
  console.log('| threads | | median ns/parameter | best | median to none | best to none |');
  console.log('| --: | --- | --: | --: | --: | --: |');
  for (const count of counts) costs(count, Number(n));
}
if (parts.includes('flat')) {
  console.log(`\n| threads | penalty | ns/parameter | ${columns} | |`);
  console.log('| --: | --- | --- | --: | --: | --: | --: | --- |');
  flat();
}
if (parts.includes('network')) {
  console.log(`\n| threads | penalty | µs a step | ${columns} | loss after 50 |`);
  console.log('| --: | --- | --- | --: | --: | --: | --: | --: |');
  network();
}
