import { compile, nn, optim, penalty, report, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { type Refusal, refusal } from '../hostile/refusal.ts';
import { leaf, row } from './given.ts';

/** What the given call of a captured function throws; those before it go through. */
function refusalAt<R>(
  call: number,
  step: () => R,
  between: (call: number) => void = () => {},
): Refusal | undefined {
  const captured = compile(step);
  for (let i = 1; i < call; i++) {
    captured();
    between(i);
  }
  return refusal(() => captured());
}

function stackOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.stack : undefined;
  }
  return undefined;
}

const closedOver =
  'Keep it in a tensor, a penalty or an option of a group, which are read at each call, or pass it as an argument. ' +
  'This call ran as written, but captured calls before it may have used what was old.';

describe('what cannot be captured', () => {
  test('a number that changes, at call 2', () => {
    let scale = 1;
    const x = row(1, 2);
    const thrown = refusalAt(
      2,
      () => x.mul(scale),
      () => scale++,
    );
    expect(thrown).toEqual({
      code: 'ERR_CAPTURE',
      message:
        'compile: a number that the function closed over changed from 1 to 2 (`scale` of affine). ' +
        closedOver,
    });
  });

  test('a number that changes later, at the next call that is recorded', () => {
    let scale = 1;
    const x = row(1, 2);
    const step = compile(() => x.mul(scale));
    const codes = Array.from({ length: 8 }, (_, i) => {
      if (i === 5) scale = 3;
      return refusal(() => step())?.code;
    });
    expect(codes).toEqual([...Array.from({ length: 7 }, () => undefined), 'ERR_CAPTURE']);
  });

  test('a captured tensor that was replaced', () => {
    let x = row(1, 2);
    const thrown = refusalAt(
      2,
      () => x.mul(2),
      () => (x = row(3, 4)),
    );
    expect(thrown?.message).toMatch(
      /^compile: a captured tensor was replaced by another one\. Pass it as an argument/u,
    );
  });

  test('another way through the function', () => {
    let flag = true;
    const x = row(1, 2);
    const thrown = refusalAt(
      2,
      () => (flag ? x.abs() : x.relu()),
      () => (flag = false),
    );
    expect(thrown?.message).toMatch(/^compile: the function took another way than before/u);
  });

  test('a result that is no tensor and changes', () => {
    let count = 0;
    const x = row(1);
    const thrown = refusalAt(2, () => ({ y: x.mul(2), count: count++ }));
    expect(thrown?.code).toBe('ERR_CAPTURE');
    expect(thrown?.message).toMatch(/^compile: the function returned something else that is not a tensor/u);
    expect(refusalAt(2, () => new Map([['y', x.mul(2)]]))?.code).toBe('ERR_CAPTURE');
    const optimizer = new optim.SGD([leaf(1)], { lr: 1 });
    optimizer.paramGroups[0]!.params[0]!.grad = row(1);
    expect(refusalAt(2, () => ({ norm: optimizer.step().weightNorm + count++ }))?.code).toBe('ERR_CAPTURE');
  });

  test('options and strengths that the function changes itself, at the first call', () => {
    const w = leaf(1);
    w.grad = row(1);
    const p = penalty.l1(0.1);
    const optimizer = new optim.SGD([w], { lr: 1 });
    const changes = (what: string): Refusal => ({
      code: 'ERR_CAPTURE',
      message: `compile: the captured function changes ${what}, which captured calls would not do again. Change it between calls, outside of the function.`,
    });
    const after = (): void => {
      optimizer.step();
      optimizer.paramGroups[0]!.lr *= 0.5;
    };
    const between = (): void => {
      after();
      optimizer.step();
    };
    expect(refusalAt(1, after)).toEqual(changes('options of an optimizer'));
    expect(refusalAt(1, between)).toEqual(changes('options of an optimizer'));
    expect(refusalAt(1, () => (p.l1 = 0.2))).toEqual(changes('the strength of a penalty'));
    expect(p.l1).toBe(0.1);
  });

  test('a schedule before the step, inside of the function, at call 2', () => {
    const w = leaf(1);
    w.grad = row(1);
    const optimizer = new optim.SGD([w], { lr: 1 });
    const thrown = refusalAt(2, () => {
      optimizer.paramGroups[0]!.lr *= 0.5;
      optimizer.step();
    });
    expect(thrown?.message).toMatch(/^compile: the captured function changes options of an optimizer/u);
  });

  const model = new nn.Linear(2, 1);
  test.each([
    ['item()', () => row(1).sum().item()],
    ['data', () => row(1).data],
    ['report.sparsity', () => report.sparsity(model)],
    ['penalty.l1.value', () => penalty.l1(1).value(model.weight)],
    ['penalty.l1.violation', () => penalty.l1(1).violation(model.weight, model.weight)],
  ])('%s in the middle, at the line that looks', (what, look) => {
    const thrown = compile(function theStep() {
      return look();
    });
    expect(refusal(() => thrown())).toEqual({
      code: 'ERR_CAPTURE',
      message:
        `compile: the captured function looks at ${what} in the middle of the step, which a captured step cannot do. ` +
        'Return the tensor and look at it outside, or compute with tensors instead of numbers.',
    });
    expect(stackOf(thrown)).toMatch(/at theStep .*pitfalls\.test\.ts/u);
  });

  test('an asynchronous function', () => {
    expect(refusal(() => compile(async () => row(1).mul(2))())).toEqual({
      code: 'ERR_CAPTURE',
      message: 'compile: the function is asynchronous; a step must be not.',
    });
  });

  test('more tensors among the arguments than native functions take', () => {
    const sum = compile((...list: Tensor[]) => list.reduce((a, b) => a.add(b)));
    const many = (count: number): Tensor[] => Array.from({ length: count }, (_, i) => row(i));
    for (let call = 1; call <= 3; call++) expect(sum(...many(24)).item()).toBe(276);
    expect(refusal(() => sum(...many(25)))).toEqual({
      code: 'ERR_CAPTURE',
      message:
        'compile: the function reads 25 tensors from its arguments, more than 24. Capture those that stay the same.',
    });
  });

  test('what is no function, and options that there are not', () => {
    expect(refusal(() => compile(1 as never))?.message).toBe('compile: `fn` must be a function, got 1');
    expect(refusal(() => compile(() => 1, { reuses: true } as never))?.message).toMatch(/did you mean/iu);
  });
});
