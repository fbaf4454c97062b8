#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { kernels } from '../index.ts';
import { demoCommand } from './demo/command.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const program = new Command('ridgeline')
  .description('Trains regularized models in Node at native speed.')
  .version(version)
  .showSuggestionAfterError()
  .addHelpText('after', '\nWithout a command, this help is shown. Start with: ridgeline demo')
  .addCommand(demoCommand());

program
  .command('info')
  .description('print the version, the instruction set and the number of threads')
  .action(() => {
    const { isa, threads } = kernels.info();
    process.stdout.write(`ridgeline ${version}, ${isa}, ${threads} threads, Node ${process.version}\n`);
  });

await program.parseAsync();
