// Other programs to measure beside ours, each a process that prints JSON lines.
import { execFileSync } from 'node:child_process';

/** PyTorch's default returns large temporaries to the system each time, which makes it up to four times slower. */
const environment = {
  ...process.env,
  MALLOC_MMAP_THRESHOLD_: '8589934592',
  MALLOC_TRIM_THRESHOLD_: '17179869184',
};

/**
 * What a command prints, on as many cores as it has threads: the Python peers pin themselves so.
 *
 * @param {readonly string[]} command
 * @param {{ readonly folder: string, readonly threads: number }} where
 */
export function lines(command, { folder, threads }) {
  const pin = process.platform === 'linux' ? ['taskset', '-c', `0-${threads - 1}`] : [];
  const [program, ...args] = [...pin, ...command];
  /** @type {import('node:child_process').ExecFileSyncOptionsWithStringEncoding} */
  const options = { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const printed = execFileSync(program, args, options).trim().split('\n');
  return printed.map((line) => {
    const parsed = JSON.parse(line);
    if (parsed.error !== undefined) throw new Error(`${command.join(' ')}: ${parsed.error}`);
    return parsed;
  });
}

/** The folder of the peers that PEERS names; without it the program ends and says so. */
export function peersFolder() {
  const folder = process.env['PEERS'];
  if (folder !== undefined) return folder;
  console.error('Set PEERS to the folder of the peers: venv, node, bench and data (see CONTRIBUTING.md).');
  return process.exit(1);
}
