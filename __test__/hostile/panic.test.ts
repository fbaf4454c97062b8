import { describe, expect, test } from 'vitest';
import { install, layout } from '../addon.ts';
import { bytes } from '../oracle/draw.ts';
import { refusal } from './refusal.ts';

/** Control block, weights and gradient of one segment of SGD. */
function segment(): { control: Float64Array; weights: Float32Array; grads: Float32Array } {
  const length = layout.groupWidth + layout.rowWidth;
  const control = new Float64Array(new SharedArrayBuffer(8 * length));
  control.fill(0.5, layout.commonOptions.length, layout.groupWidth); // of a rule's own options, none is 0
  control[0] = 1; // lr
  control[layout.groupWidth] = 1; // step
  return { control, weights: Float32Array.of(1, 2), grads: Float32Array.of(1, 1) };
}

// A panic's place is known here; its stack would fill the screen.
process.env['RUST_BACKTRACE'] = '0';

const raw = install();

test.each(Object.keys(raw.ops))(
  'a panic in the operation %s is an error, and the next call works',
  (name) => {
    raw.panicNext();
    expect(refusal(() => raw.ops[name]!())?.code).toBe('ERR_INTERNAL');
    expect(refusal(() => raw.ops[name]!())?.code).toBe('ERR_TYPE');
  },
);

describe.each(Object.keys(raw.optimizers))('the optimizer %s', (name) => {
  const { step, bind } = raw.optimizers[name]!;
  const state = name === 'sgd' ? [undefined] : [new Float32Array(2), new Float32Array(2)];
  const rest = [...state, undefined, undefined, undefined].slice(0, 3);

  test('a panic in a step is an error that changes nothing', () => {
    const { control, weights, grads } = segment();
    raw.panicNext();
    expect(refusal(() => step(control, weights, grads, ...rest))?.code).toBe('ERR_INTERNAL');
    expect([...weights]).toEqual([1, 2]);
    step(control, weights, grads, ...rest);
    expect(weights[0]).not.toBe(1);
  });

  test('a panic while binding, or in the bound run, is an error that changes nothing', () => {
    const { control, weights, grads } = segment();
    const into = { run: (): void => {} };
    const before = into.run;
    raw.panicNext();
    expect(refusal(() => bind(control, [weights, grads, ...rest], into))?.code).toBe('ERR_INTERNAL');
    expect(into.run).toBe(before);
    bind(control, [weights, grads, ...rest], into);
    const watched = [weights, grads, control].map((array) => Buffer.from(bytes(array)));
    raw.panicNext();
    expect(refusal(() => into.run())?.code).toBe('ERR_INTERNAL');
    expect([weights, grads, control].map((array) => Buffer.from(bytes(array)))).toEqual(watched);
    into.run();
    expect(weights[0]).not.toBe(1);
  });

  test('raw entries refuse nonsense', () => {
    const { control, weights, grads } = segment();
    const nonsense: readonly unknown[][] = [
      [],
      [control],
      [null, weights, grads, ...rest],
      [new Float64Array(control.length), weights, grads, ...rest],
      [control.subarray(1), weights, grads, ...rest],
      [control, new Int32Array(2), grads, ...rest],
      [control, weights, weights, ...rest],
      [control, weights, Float32Array.of(1), ...rest],
    ];
    for (const args of nonsense) expect(refusal(() => step(...args))?.code).toMatch(/^ERR_/u);
    for (const arrays of [null, 5, {}, [], [weights], [weights, grads, ...rest, weights]])
      expect(refusal(() => bind(control, arrays, { run: () => {} }))?.code).toMatch(/^ERR_/u);
    expect([...weights]).toEqual([1, 2]);
  });
});

test('the registered class is what is thrown, with code, owner, name, expected and got', () => {
  const { ops, panicNext, setErrorClass } = install();
  class Fault {
    readonly texts: readonly string[];
    constructor(...texts: string[]) {
      this.texts = texts;
    }
  }
  setErrorClass(Fault);
  panicNext();
  let thrown: unknown;
  try {
    ops['add']!();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Fault);
  expect((thrown as Fault).texts[0]).toBe('ERR_INTERNAL');
  expect((thrown as Fault).texts).toHaveLength(5);
});

test('one panic is one error: entries of another installation do not see it', () => {
  const [mine, other] = [install(), install()];
  mine.panicNext();
  expect(refusal(() => other.ops['add']!())?.code).toBe('ERR_TYPE');
  expect(refusal(() => mine.ops['add']!())?.code).toBe('ERR_INTERNAL');
});
