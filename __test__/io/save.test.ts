import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, manualSeed, nn, ones, randn, save, type Tensor } from 'ridgeline';
import { afterAll, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'ridgeline-save-'));
afterAll(() => rm(folder, { recursive: true }));

class Model extends nn.Module {
  readonly first = new nn.Linear(3, 4);
  readonly seen = new nn.Buffer([2]);
  readonly rest = new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 2, { dtype: 'float32' }));

  override forward(x: Tensor): Tensor {
    return this.rest.forward(this.first.forward(x));
  }
}

const held = (model: nn.Module): string[] =>
  Object.values(model.stateDict()).map(({ data }) =>
    Buffer.from(Float32Array.from(data).buffer).toString('hex'),
  );

test('a model that was saved is loaded to the same bits, in the same memory', async () => {
  manualSeed(1);
  const [model, other] = [new Model(), new Model()];
  model.seen.data.set([3, 4]);
  const path = join(folder, 'model.safetensors');
  await save(model, path, { note: 'x' });
  const memory = other.first.weight.data;
  expect(await load(other, path)).toMatchObject({ note: 'x' });
  expect(held(other)).toEqual(held(model));
  expect(other.first.weight.data).toBe(memory);
  expect(Object.keys(model.stateDict())).toEqual([
    'first.weight',
    'first.bias',
    'rest.1.weight',
    'rest.1.bias',
    'seen',
  ]);
});

test('a file that is damaged or does not fit leaves the model as it was', async () => {
  const path = join(folder, 'other.safetensors');
  await save(new nn.Sequential(new nn.Linear(3, 5)), path);
  const model = new Model();
  const before = held(model);
  await expect(load(model, path)).rejects.toThrow(/missing: first\.weight.*unexpected: 0\.bias, 0\.weight/);
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  await expect(load(model, path)).rejects.toMatchObject({ code: 'ERR_FORMAT' });
  expect(held(model)).toEqual(before);
});

test('loadStateDict says what is missing, unexpected, and of another shape or type, before it copies', () => {
  const model = new nn.Linear(2, 2);
  const before = held(model);
  const { weight, bias } = model.stateDict();
  expect(() => model.loadStateDict({ weight: weight! })).toThrow(/missing: bias/);
  expect(() => model.loadStateDict({ weight: ones([2, 2]), bias: ones([3]) })).toThrow(
    /bias has shape \[2\], the state \[3\]/,
  );
  expect(() => model.loadStateDict({ weight: weight!, bias: ones([2], { dtype: 'float64' }) })).toThrow(
    /float64/,
  );
  expect(() => model.loadStateDict({ weight: weight!, bias: [1, 2] as never })).toThrow(/bias is no tensor/);
  expect(() => model.loadStateDict({}, { strcit: false } as object)).toThrow(/strict/);
  expect(held(model)).toEqual(before);
  expect(model.loadStateDict({ bias: bias!.mul(0), more: ones([1]) }, { strict: false })).toEqual({
    missing: ['weight'],
    unexpected: ['more'],
  });
  expect([...model.bias!.data]).toEqual([0, 0]);
});

test('a view is loaded as it looks, and a graph from before says that its weights changed', () => {
  const model = new nn.Linear(2, 3);
  const weight = randn([2, 3]).transpose(0, 1);
  const loss = model.forward(ones([1, 2])).sum();
  model.loadStateDict({ weight }, { strict: false });
  expect([...model.weight.data]).toEqual([...weight.contiguous().data]);
  expect(() => loss.backward()).toThrow(/updated in place/);
});
