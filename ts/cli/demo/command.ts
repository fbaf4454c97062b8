import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { renderPage } from './page.ts';
import type { DemoResult } from './result.ts';
import { runDemo } from './run.ts';
import { summary, textTable } from './table.ts';

interface Flags {
  readonly epochs: number;
  readonly seeds: number;
  readonly output: string;
  readonly json: boolean;
}

/** `ridgeline demo`. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'train digit classifiers under six kinds of regularization and show what each did to the weights',
    )
    .option('--epochs <number>', 'passes over the 300 training digits', count, 400)
    .option('--seeds <number>', 'how many seeds each run repeats over', count, 3)
    .option('--output <file>', 'where the page is written', 'ridgeline-demo.html')
    .option('--json', 'print the result as JSON, and write no page', false)
    .action(demo);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}

async function demo(flags: Flags): Promise<void> {
  if (flags.json) {
    say(JSON.stringify(await runDemo(flags, () => {})));
    return;
  }
  say('300 handwritten digits, a fifth of their labels wrong; a 64-128-10 network under six regularizers.');
  say('λ is chosen on the validation part; the test part has clean labels and is seen once.\n');
  const result = await runWithProgress(flags);
  say(textTable(result));
  say(
    'Zeros are those of the first layer’s weights; near zeros are below 1e-4, the exact ones among them.\n',
  );
  say(`${summary(result)}\n`);
  const file = resolve(flags.output);
  writeFileSync(file, await renderPage(result));
  say(`Took ${result.seconds.toFixed(1)} s (${result.isa}). Loss curves, weights and pictures: ${file}`);
}

/** With a bar on a terminal; on a pipe without, so that logs stay clean. */
async function runWithProgress(flags: Flags): Promise<DemoResult> {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} trainings   {run}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
  });
  let started = false;
  const result = await runDemo(flags, ({ done, total, run }) => {
    if (!started) bar.start(total, 0, { run });
    started = true;
    bar.update(done, { run });
  });
  bar.stop();
  return result;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
