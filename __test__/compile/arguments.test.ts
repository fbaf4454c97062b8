import { compile, nn, optim, penalty, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { refusal } from '../hostile/refusal.ts';
import { leaf, row } from './given.ts';

describe('arguments', () => {
  const update = (): { w: Tensor; step: (x: Tensor) => void } => {
    const w = leaf(1, 2, 3, 4);
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    const step = (x: Tensor): void => {
      optimizer.zeroGrad();
      w.mul(2).sum().add(x.sum()).backward();
      optimizer.step();
    };
    return { w, step: compile(step) };
  };

  const aliased = 'compile: `arguments` must be apart from what the step writes, got a view that overlaps it';

  test('that overlap what the step writes are refused', () => {
    const { w, step } = update();
    for (let call = 1; call <= 2; call++) step(row(1, 2));
    const view = tensor(w.data.subarray(1, 3) as Float32Array);
    const before = [...w.data];
    expect(refusal(() => step(view))).toEqual({ code: 'ERR_ALIAS', message: aliased });
    expect([...w.data]).toEqual(before);
  });

  test('that are written are refused', () => {
    const w = leaf(1, 2);
    w.grad = row(1, 1);
    const p = penalty.l1(0.1);
    const step = compile((x: Tensor) => p.prox(x, 1));
    expect(refusal(() => step(w.detach()))).toEqual({ code: 'ERR_ALIAS', message: aliased });
  });

  test('that get a gradient are captured, and may be updated', () => {
    const [a, b] = [leaf(8), leaf(80)];
    const optimizer = new optim.SGD([a, b], { lr: 0.5 });
    const step = compile((w: Tensor) => {
      optimizer.zeroGrad();
      w.square().mul(0.5).sum().backward();
      optimizer.step();
      return w;
    });
    for (let call = 1; call <= 5; call++) {
      expect(step(a)).toBe(a);
      expect(step(b)).toBe(b);
      expect([a.item(), b.item()]).toEqual([8 / 2 ** call, 80 / 2 ** call]);
    }
  });

  test('whose memory is gone are named', () => {
    const step = compile((x: Tensor, y: Tensor) => x.add(y));
    for (let call = 1; call <= 2; call++) step(row(1), row(2));
    const gone = tensor(Float32Array.of(1));
    structuredClone(gone.data, { transfer: [gone.data.buffer as ArrayBuffer] });
    expect(refusal(() => step(row(1), gone))).toEqual({
      code: 'ERR_DETACHED',
      message:
        'compile: `arguments[1]` must be a tensor whose memory is there, got a detached one. The buffer under it was transferred to another thread or resized.',
    });
    expect(step(row(1), row(2)).item()).toBe(3);
  });

  test('a captured array whose memory is gone is an error, and nothing runs', () => {
    const x = tensor(Float32Array.of(1));
    const step = compile((y: Tensor) => x.add(y));
    for (let call = 1; call <= 2; call++) step(row(1));
    structuredClone(x.data, { transfer: [x.data.buffer as ArrayBuffer] });
    expect(refusal(() => step(row(1)))).toEqual({
      code: 'ERR_SHAPE',
      message: 'compile: `a captured array` must be of length 1, got length 0',
    });
  });

  test.each([-1, 3])('the label %i, which is no class, is named', (label) => {
    const logits = leaf(1, 2, 3);
    const optimizer = new optim.SGD([logits], { lr: 1 });
    const step = compile((y: Tensor) => {
      const loss = nn.functional.crossEntropy(logits.reshape([1, 3]), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
    });
    for (let call = 1; call <= 2; call++) step(tensor(Int32Array.of(0)));
    const before = [...logits.data];
    expect(refusal(() => step(tensor(Int32Array.of(label))))).toEqual({
      code: 'ERR_VALUE',
      message: `cross_entropy: \`target[0]\` must be a whole number from 0 to 2, got ${label}`,
    });
    expect([...logits.data]).toEqual(before);
  });
});

describe('errors', () => {
  test('a graph older than an update is the same error as in an eager step', () => {
    const w = leaf(1);
    const optimizer = new optim.SGD([w], { lr: 1 });
    const step = (): void => {
      w.grad = row(1);
      const loss = w.square().sum();
      optimizer.step();
      loss.backward();
    };
    const thrown = refusal(step);
    expect(thrown?.code).toBe('ERR_STATE');
    expect(refusal(() => compile(step)())).toEqual(thrown);
  });

  test('a graph from before the call is stale after the update that a captured call made', () => {
    const w = leaf(1);
    const optimizer = new optim.SGD([w], { lr: 1 });
    const step = compile(() => {
      optimizer.zeroGrad();
      w.square().sum().backward();
      optimizer.step();
    });
    for (let call = 1; call <= 5; call++) {
      const loss = w.square().sum();
      step();
      expect(refusal(() => loss.backward())?.code).toBe('ERR_STATE');
    }
  });

  test('an exception of the function passes, and leaves everything usable', () => {
    let fails = true;
    const step = compile((x: Tensor) => {
      const y = x.mul(2);
      if (fails) throw new Error('mine');
      return y;
    });
    expect(refusal(() => step(row(1)))).toEqual({ code: undefined, message: 'mine' });
    expect(row(2).mul(2).item()).toBe(4); // item() would throw while something is recorded
    expect(step.explain().programs).toHaveLength(0);
    fails = false;
    for (let call = 1; call <= 3; call++) expect(step(row(call)).item()).toBe(2 * call);
  });

  test('a wrong option stops a captured call before anything changes', () => {
    const w = leaf(4);
    const optimizer = new optim.SGD([w], { lr: 0.5 });
    const step = compile(() => {
      optimizer.zeroGrad();
      w.square().sum().backward();
      optimizer.step();
    });
    for (let call = 1; call <= 2; call++) step();
    const before = w.item();
    optimizer.paramGroups[0]!.lr = Number.NaN;
    expect(refusal(() => step())?.code).toBe('ERR_OPTION');
    expect(w.item()).toBe(before);
  });
});
