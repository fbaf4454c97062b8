import { compile, type ExplainedProgram, nn, noGrad, optim, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { leaf, row } from './given.ts';

describe('programs', () => {
  test('a last batch that is shorter has a program of its own, and shares state', () => {
    const layer = new nn.Linear(2, 1);
    layer.weight.data.fill(0);
    layer.bias!.data.fill(0);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
    const step = compile((x: Tensor) => {
      const loss = layer.forward(x).sub(1).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const losses = [4, 4, 1, 4, 4, 1, 4, 4, 1].map((rows) =>
      step(tensor(new Float32Array(2 * rows).fill(1), { shape: [rows, 2] })).item(),
    );
    // Σ of three weights moves by lr·2·3 times the distance from 1.
    losses.forEach((loss, i) => expect(loss).toBeCloseTo(0.4 ** (2 * i), 5));
    expect(step.explain().programs.map(({ calls }) => calls)).toEqual([6, 3]);
  });

  test('training and evaluation mode each have their own', () => {
    class Doubling extends nn.Module {
      override forward(x: Tensor): Tensor {
        return this.training ? x.mul(2) : x;
      }
    }
    const module = new Doubling();
    const forward = compile((x: Tensor) => module.forward(x).add(0));
    for (let call = 1; call <= 5; call++) {
      expect(module.train() && forward(row(3)).item()).toBe(6);
      expect(module.eval() && forward(row(3)).item()).toBe(3);
    }
    expect(forward.explain().programs.map(({ calls }) => calls)).toEqual([5, 5]);
  });

  test('a mode and noGrad that the function sets itself need no program more', () => {
    class Doubling extends nn.Module {
      override forward(x: Tensor): Tensor {
        return this.training ? x.mul(2) : x;
      }
    }
    const module = new Doubling();
    const step = compile((x: Tensor) => {
      const scored = noGrad(() => module.eval().forward(x).add(1));
      return [module.train().forward(x), scored];
    });
    for (let call = 1; call <= 5; call++) expect(step(row(3)).map((t) => t.item())).toEqual([6, 4]);
    expect(module.training).toBe(true);
    expect(step.explain().programs).toHaveLength(1);
    const ending = compile((x: Tensor) => module.eval().forward(x).add(1));
    for (let call = 1; call <= 3; call++) {
      module.train();
      ending(row(1));
      expect(module.training).toBe(false);
    }
  });

  test('inside and outside of noGrad', () => {
    const w = leaf(2);
    const step = compile(() => {
      const y = w.mul(3);
      if (y.requiresGrad) y.sum().backward();
      return y;
    });
    for (let call = 1; call <= 3; call++) {
      w.grad = null;
      expect(noGrad(() => step()).item()).toBe(6);
      expect(w.grad).toBeNull();
      step();
      expect(w.grad!.item()).toBe(3);
    }
    expect(step.explain().programs).toHaveLength(2);
  });

  test('values of arguments that are no tensors, each of them', () => {
    const step = compile((x: Tensor, by: number | string) => x.div(typeof by === 'string' ? by.length : by));
    for (let call = 1; call <= 3; call++) {
      expect(step(row(2), 4).item()).toBe(0.5);
      expect(step(row(2), 0).item()).toBe(Infinity);
      expect(step(row(2), -0).item()).toBe(-Infinity);
      expect(step(row(2), '0').item()).toBe(2);
    }
    const pair = compile((x: Tensor, { a, b = '' }: { a: string; b?: string }) =>
      x.mul(a.length + 10 * b.length),
    );
    for (let call = 1; call <= 3; call++) {
      expect(pair(row(1), { a: 'x;"b"="y' }).item()).toBe(8);
      expect(pair(row(1), { a: 'x', b: 'y' }).item()).toBe(11);
    }
  });

  test('one tensor in two places, and two', () => {
    const difference = compile((x: Tensor, y: Tensor) => x.sub(y));
    const x = row(1, 2);
    for (let call = 1; call <= 5; call++) expect([...difference(x, x).data]).toEqual([0, 0]);
    for (let call = 1; call <= 5; call++) expect([...difference(x, row(3, 3)).data]).toEqual([-2, -1]);
    for (let call = 1; call <= 5; call++) expect([...difference(x, x).data]).toEqual([0, 0]);
  });

  test('a captured function that calls another one is one program', () => {
    const inner = compile((x: Tensor) => x.mul(2));
    const outer = compile((x: Tensor) => inner(x).add(1));
    for (let call = 1; call <= 5; call++) expect(outer(row(call)).item()).toBe(2 * call + 1);
    expect(inner.explain().programs).toHaveLength(0);
    expect(inner(row(4)).item()).toBe(8);
    expect(outer.explain().programs[0]!.operations).toEqual(['affine[1]', 'affine[1]']);
  });

  test('explain() lists what was captured, as an object and as text', () => {
    const w = leaf(1, 2);
    const step = compile((x: Tensor) => x.mul(w).mul(3).sum());
    expect(String(step.explain())).toBe('nothing captured yet');
    step(row(1, 2));
    step(row(1, 2));
    const { programs } = step.explain();
    expect(programs).toEqual([
      {
        signature: '[float32[2]]',
        calls: 2,
        operations: ['mul[2]', 'affine[2]', 'sum[2]'],
        fusions: [],
        constants: ['1 affine.scale = 3', '1 affine.shift = 0', '2 sum.divisor = 1'],
        arrays: 2,
        bytes: 128,
        bytesApart: 128,
      },
    ]);
    expect(String(step.explain())).toBe(
      '[float32[2]]: 2 calls\n' +
        '  3 operations: mul[2], affine[2], sum[2]\n' +
        '  3 constants: 1 affine.scale = 3, 1 affine.shift = 0, 2 sum.divisor = 1\n' +
        '  2 captured arrays; temporaries take 128 bytes (128 apart)',
    );
  });

  test('explain() lists what runs block by block, where arrays are long', () => {
    const long = tensor(new Float32Array(2 ** 17).fill(-1), { shape: [1024, 128] });
    const bias = tensor(new Float32Array(128).fill(3));
    const layer = tensor(new Float32Array(128 * 128), { shape: [128, 128] });
    const step = compile((x: Tensor) => nn.functional.linear(x, layer, bias).relu().mul(2).sum());
    expect(step(long).item()).toBe(6 * 2 ** 17);
    expect(step(long).item()).toBe(6 * 2 ** 17);
    expect(step.explain().programs[0]!.fusions).toEqual(['1–3 add_bias + relu + affine']);
    expect(String(step.explain())).toContain('1 fusions: 1–3 add_bias + relu + affine');
    const [{ bytes, bytesApart }] = step.explain().programs as [ExplainedProgram];
    expect(bytes).toBeLessThan(bytesApart); // the result of relu is never there as a whole
  });
});

describe('results', () => {
  const fill = (length: number, value: number): Tensor => tensor(new Float32Array(length).fill(value));

  test.each([1, 1024, 1025])('of %i elements, of one call are unchanged by the next', (length) => {
    const step = compile((x: Tensor) => x.mul(2));
    const results = [1, 2, 3, 4, 5, 6].map((value) => step(fill(length, value)));
    expect(results.map(({ data }) => data.at(-1))).toEqual([2, 4, 6, 8, 10, 12]);
  });

  test('lie in the same memory only above 1,024 elements, with { reuse: true }', () => {
    const memory = (length: number, options: object): number => {
      const step = compile((x: Tensor) => x.mul(2), options);
      for (let call = 1; call <= 4; call++) step(fill(length, call));
      const arrays = [5, 6, 7].map((call) => step(fill(length, call)).data);
      return new Set(arrays.map((array) => array.buffer)).size;
    };
    expect(memory(1024, { reuse: true })).toBe(3);
    expect(memory(1025, { reuse: true })).toBe(1);
    expect(memory(1025, {})).toBe(3);
  });

  test('that are arguments, views of arguments or captured tensors are those of the call', () => {
    const w = leaf(1, 2);
    const step = compile((x: Tensor, y: Tensor) => ({
      x,
      view: x.reshape([2, 1]),
      detached: y.detach(),
      w,
      weights: w.reshape([2, 1]),
      n: 3,
      nothing: null,
    }));
    for (let call = 1; call <= 6; call++) {
      const [x, y] = [row(call, call), row(-call)];
      const result = step(x, y);
      expect(result.x).toBe(x);
      expect(result.w).toBe(w);
      expect([result.view.shape, result.view.data]).toEqual([[2, 1], x.data]);
      expect(result.detached.data).toBe(y.data);
      expect(result.weights.data).toBe(w.data);
      expect([result.n, result.nothing]).toEqual([3, null]);
    }
  });

  test('carry no history', () => {
    const w = leaf(1, 2);
    const step = compile(() => w.sum());
    for (let call = 1; call <= 3; call++) expect(refusal(() => step().backward())?.code).toBe('ERR_STATE');
  });

  test('the figures of a step are those of that step and of that call', () => {
    const w = leaf(8);
    const optimizer = new optim.SGD([w], { lr: 0.5 });
    const halve = (): ReturnType<typeof optimizer.step> => {
      optimizer.zeroGrad();
      w.square().mul(0.5).sum().backward();
      return optimizer.step();
    };
    const step = compile(() => ({ first: halve(), second: halve() }));
    const results = Array.from({ length: 6 }, () => step());
    results.forEach(({ first, second }, i) => {
      expect([first.weightNorm, second.weightNorm]).toEqual([4 / 4 ** i, 2 / 4 ** i]);
      expect([first.gradNorm, second.gradNorm]).toEqual([8 / 4 ** i, 4 / 4 ** i]);
    });
  });
});
