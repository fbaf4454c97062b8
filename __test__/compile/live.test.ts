import { compile, Generator, manualSeed, optim, penalty, randn, type Tensor, tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { both, leaf, row, values } from './given.ts';

describe('what is read at each call', () => {
  test.each([
    ['lr', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.lr *= 0.5)],
    ['weightDecay', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.weightDecay += 0.1)],
    ['decay', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.decay = 'decoupled')],
    ['maximize', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.maximize = true)],
    ['a penalty', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.penalty = penalty.l1(0.2))],
    ['apply', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.apply = 'coupled')],
    ['momentum switched on', (optimizer: optim.SGD) => (optimizer.paramGroups[0]!.momentum = 0.9)],
  ])('%s of a group', (_, change) => {
    const [eager, captured] = both(7, () => {
      const w = leaf(1, -2);
      const optimizer = new optim.SGD([w], { lr: 0.1, weightDecay: 0.3, penalty: penalty.l2(0.1) });
      const step = (): number[] => {
        optimizer.zeroGrad();
        w.square().sum().backward();
        optimizer.step();
        return [];
      };
      return {
        step: () => (step(), w.mul(1)),
        between: (call) => void (call === 2 || call === 4 ? change(optimizer) : 0),
      };
    });
    expect(values(captured)).toEqual(values(eager));
  });

  test('the strength of a penalty in the loss and in a group', () => {
    const [eager, captured] = both(7, () => {
      const w = leaf(1, -2);
      const [inLoss, inGroup] = [penalty.l2(0.1), penalty.l1(0.1)];
      const optimizer = new optim.SGD([w], { lr: 0.1, penalty: inGroup });
      const step = (): Tensor => {
        optimizer.zeroGrad();
        w.sum().add(inLoss.of(w)).backward();
        optimizer.step();
        return w.mul(1);
      };
      return { step, between: (call) => ([inLoss.l2, inGroup.l1] = [0.1 * call, 0.2 / call]) };
    });
    expect(values(captured)).toEqual(values(eager));
  });

  test('a captured array that was changed in place', () => {
    const data = Float32Array.of(1, 2);
    const x = tensor(data);
    const twice = compile(() => x.mul(2));
    for (let call = 1; call <= 6; call++) {
      data[0] = call;
      expect([...twice().data]).toEqual([2 * call, 4]);
    }
  });

  test('a generator that is seeded anew, outside and inside of the function', () => {
    const [eager, captured] = both(6, () => {
      manualSeed(3);
      const step = (): Tensor => randn([3]);
      return { step, between: (call) => void (call === 3 && manualSeed(3)) };
    });
    expect(values(captured)).toEqual(values(eager));
    const inside = both(6, () => ({ step: () => (manualSeed(4), randn([2])) }));
    expect(values(inside[1])).toEqual(values(inside[0]));
    const fresh = both(6, () => ({ step: () => randn([2], { generator: new Generator(5) }) }));
    expect(values(fresh[1])).toEqual(values(fresh[0]));
  });
});

describe('what one call leaves to the next', () => {
  test('counters advance at each of two steps in one call', () => {
    const [eager, captured] = both(7, () => {
      const w = leaf(1, -2, 3);
      const optimizer = new optim.Adam([w], { lr: 0.1 });
      const once = (): void => {
        optimizer.zeroGrad();
        w.square().sum().backward();
        optimizer.step();
      };
      return { step: () => (once(), once(), w.mul(1)) };
    });
    expect(values(captured)).toEqual(values(eager));
  });

  test('without zeroGrad gradients are added up: a program where there is none yet, one where there is', () => {
    const w = leaf(1);
    const step = compile(() => {
      w.mul(3).sum().backward();
    });
    for (let call = 1; call <= 7; call++) {
      step();
      expect(w.grad!.item()).toBe(3 * call);
    }
    w.grad = null;
    step();
    expect(w.grad!.item()).toBe(3);
    expect(step.explain().programs).toHaveLength(2);
  });

  test('a gradient that was assigned is read where it lies', () => {
    const w = leaf(1);
    const step = compile(() => {
      w.mul(3).sum().backward();
    });
    for (const mine of [10, 20, 30]) {
      w.grad = row(mine);
      step();
      expect(w.grad.item()).toBe(mine + 3);
    }
  });

  test('a parameter without a gradient is left as it is, decay and figures included', () => {
    const [w, idle] = [leaf(1), leaf(5)];
    const optimizer = new optim.AdamW([w, idle], { lr: 0.1, weightDecay: 0.5 });
    const step = compile(() => {
      optimizer.zeroGrad();
      w.square().sum().backward();
      return optimizer.step();
    });
    idle.grad = row(1); // stale: zeroGrad forgets it
    for (let call = 1; call <= 6; call++) {
      expect(step().weightNorm).toBeCloseTo(Math.abs(w.item()), 6);
      expect(idle.item()).toBe(5);
      expect(idle.grad).toBeNull();
    }
  });

  test('zeroGrad after the step leaves no gradient', () => {
    const w = leaf(1);
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    const step = compile(() => {
      w.square().sum().backward();
      optimizer.step();
      optimizer.zeroGrad();
    });
    for (let call = 1; call <= 5; call++) {
      step();
      expect(w.grad).toBeNull();
    }
    expect(step.explain().programs).toHaveLength(1);
  });
});
