import { run } from '../run.mjs';

/**
 * Makes sure that `cargo` runs with the toolchain of rust-toolchain.toml, which rustup may have to fetch first. The
 * answer is null, or what went wrong and what to do.
 */
export async function needCargo() {
  const first = await run('cargo', ['--version']);
  if (first.code === 0) return null;
  const fetched = await run('rustup', ['toolchain', 'install', '--no-self-update']);
  if (fetched.missing) {
    return {
      code: 1,
      output: first.output,
      advice: 'Rust is needed: get it at https://rustup.rs, then run this again.',
    };
  }
  const second = await run('cargo', ['--version']);
  if (second.code === 0) return null;
  const advice =
    'The toolchain that rust-toolchain.toml names could not be fetched: try `rustup toolchain install` here.';
  return { code: 1, output: `${fetched.output}${second.output}`, advice };
}
