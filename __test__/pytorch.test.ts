import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ridgeline from 'ridgeline';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

const { data, Generator, manualSeed, nn, optim, randint, randn, rand } = ridgeline;
const page = readFileSync(new URL('../docs/pytorch.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'pytorch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the page says that its lines run with. */
function scope(): Record<string, unknown> {
  const generator = new Generator(5);
  manualSeed(1);
  const x = randn([4, 3], { generator });
  const labels = randint(0, 2, [4], { generator });
  const model = new nn.Sequential(new nn.Linear(3, 2));
  const loss = new nn.CrossEntropyLoss();
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
  const step = (): ridgeline.Tensor => {
    optimizer.zeroGrad();
    const value = loss.forward(model.forward(x), labels);
    value.backward();
    optimizer.step();
    return value;
  };
  step();
  return {
    x,
    labels,
    model,
    loss,
    optimizer,
    step,
    a: randn([2, 3], { generator }),
    b: randn([2, 3], { generator }),
    images: rand([2, 1, 8, 8], { generator }),
    weight: randn([3, 2], { requiresGrad: true, generator }),
    dataset: new data.Dataset(x, labels),
    path: join(folder, 'model.safetensors'),
  };
}

const rows = [...page.matchAll(/^\| (?<left>.*) \| (?<right>.*) \|$/gmu)]
  .map(({ groups }) => groups!['right']!)
  .filter((cell) => cell.startsWith('`'))
  .map((cell) => cell.slice(1, -1));

describe('every line on the right of docs/pytorch.md runs', () => {
  let values: Record<string, unknown> = {};
  beforeEach(() => {
    values = { ...ridgeline, ...scope() };
    ridgeline.save(values['model'] as ridgeline.nn.Module, values['path'] as string);
  });

  test('and there are some', () => expect(rows.length).toBeGreaterThan(70));

  test.each(rows)('%s', async (code) => {
    const names = Object.keys(values);
    const body = code.startsWith('{') ? code.slice(1, -1) : `return ${code};`;
    // oxlint-disable-next-line no-new-func -- the lines of a document of our own
    const run = new Function(...names, `return (async () => { ${body} })();`) as (
      ...scope: unknown[]
    ) => Promise<unknown>;
    await expect(run(...names.map((name) => values[name]))).resolves.not.toThrow();
  });
});
