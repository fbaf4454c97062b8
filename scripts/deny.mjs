// Licences, bans and sources of the Rust dependencies (deny.toml).
import { run } from './run.mjs';

const { code, output } = await run('cargo', ['deny', '--version']);
if (code === 0) {
  const check = await run('cargo', ['deny', 'check', 'bans', 'licenses', 'sources']);
  console.log(check.output);
  process.exitCode = check.code ?? 1;
} else {
  console.error(
    `${output}\ncargo-deny is not installed: \`cargo install --locked cargo-deny\`, then run this again.`,
  );
  process.exitCode = 1;
}
