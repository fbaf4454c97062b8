import { kernels } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { callWith, exports, fresh } from './exports.ts';
import { badlyRefused, refusal } from './refusal.ts';

const badNumbers = [
  Number.NaN,
  -1,
  Infinity,
  -Infinity,
  '1',
  '',
  true,
  [],
  [1],
  {},
  1n,
  Symbol('1'),
  () => 1,
];
const badFlags = [0, 1, 'true', 'false', [], {}, Number.NaN, Symbol('yes')];
const badNames = [
  '',
  'Coupled',
  'none',
  0,
  1,
  true,
  [],
  ['coupled'],
  {},
  Object.create(null),
  Symbol('adam'),
];

describe.each(exports)('$name', (entry) => {
  /** How the export fails to refuse `value` as `option`, if it does. */
  const failing = (option: string, values: readonly unknown[]): string[] =>
    values.flatMap((value) => {
      const arrays = fresh(entry);
      const options = { ...entry.options, [option]: value };
      const fault = badlyRefused(() => callWith(entry, arrays, options), Object.values(arrays));
      return fault === undefined ? [] : [`${option}: ${typeof value} ${describeValue(value)}: ${fault}`];
    });

  test('goes through with what is right', () => {
    expect(refusal(() => callWith(entry, fresh(entry), entry.options))).toBeUndefined();
    expect(refusal(() => callWith(entry, fresh(entry, 'float64'), entry.options))).toBeUndefined();
  });

  test('refuses every number that is none, or below 0, and changes nothing', () => {
    expect(entry.numbers.flatMap((option) => failing(option, badNumbers))).toEqual([]);
  });

  test('refuses flags that are neither true nor false, and changes nothing', () => {
    expect(entry.flags.flatMap((option) => failing(option, badFlags))).toEqual([]);
  });

  test('refuses names that do not exist, and changes nothing', () => {
    expect(entry.names.flatMap((option) => failing(option, badNames))).toEqual([]);
  });

  test('names the option, what it must be and what it was', () => {
    const [option] = entry.numbers;
    const thrown = refusal(() => callWith(entry, fresh(entry), { ...entry.options, [option!]: -1 }));
    expect(thrown?.code).toBe('ERR_OPTION');
    expect(thrown?.message).toMatch(
      new RegExp(`^kernels\\.\\w+: \`${option}\` must be a .* >= [01], got -1$`, 'u'),
    );
  });

  test.each([
    ['thread', 'threads'],
    ['isas', 'isa'],
  ])('refuses the unknown option %s and asks whether %s was meant', (wrong, right) => {
    const arrays = fresh(entry);
    const call = (): unknown => callWith(entry, arrays, { ...entry.options, [wrong]: undefined });
    expect(badlyRefused(call, Object.values(arrays))).toBeUndefined();
    expect(refusal(call)?.message).toContain(`Did you mean ${right}?`);
  });

  test('refuses options that are no object', () => {
    if (entry.name === 'prox' || entry.name === 'softThreshold') return;
    for (const options of [null, 5, 'l1', true, () => 1, Symbol('options')]) {
      const arrays = fresh(entry);
      expect(badlyRefused(() => callWith(entry, arrays, options), Object.values(arrays))).toBeUndefined();
    }
  });
});

function describeValue(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

test.each([
  [
    'sgd',
    { lr: 0.1, nesterov: true },
    '`nesterov` must be false without momentum or with dampening, got true',
  ],
  ['sgd', { lr: 0.1, momentum: 0.9, dampening: 0.1, nesterov: true, step: 1 }, '`nesterov` must be false'],
  ['sgd', { lr: 0.1, momentum: 0.9, dampening: 0.1 }, '`step` must be given where there is dampening'],
  ['sgd', { lr: 0.1, momentum: 1, l1: 0.1 }, "`momentum` must be below 1 with apply: 'proximal', got 1"],
  ['adam', { lr: 0.1, step: 0 }, '`step` must be a whole number >= 1, got 0'],
  ['adam', { lr: 0.1, step: 1.5 }, '`step` must be a whole number >= 1, got 1.5'],
  ['adam', { lr: 0.1 }, '`step` must be a whole number >= 1, got undefined'],
  ['adam', { step: 1 }, '`lr` must be a finite number >= 0, got undefined'],
  ['adam', { lr: 0.1, step: 1, beta1: 1 }, '`beta1` must be a number >= 0 and < 1, got 1'],
  ['adam', { lr: 0.1, step: 1, beta2: 1 }, '`beta2` must be a number >= 0 and < 1, got 1'],
  ['adam', { lr: 0.1, step: 1, wieghtDecay: 1 }, 'Did you mean weightDecay?'],
  ['adam', { lr: 0.1, step: 1, momentum: 1 }, '`momentum` must be an option that exists'],
] as const)('%s with %o says: %s', (name, options, message) => {
  const entry = exports.find((other) => other.name === name)!;
  const arrays = fresh(entry);
  const call = (): unknown => callWith(entry, arrays, options);
  expect(badlyRefused(call, Object.values(arrays))).toBeUndefined();
  expect(refusal(call)?.message).toContain(message);
});

test('momentum without a buffer is refused with the fix', () => {
  const w = Float32Array.of(1);
  expect(refusal(() => kernels.sgd(w, Float32Array.of(1), { lr: 0.1, momentum: 0.9 }))?.message).toBe(
    'kernels.sgd: `momentumBuffer` must be an array where there is momentum, got undefined. ' +
      'Pass zeros of the length of `weights` and keep them from step to step.',
  );
  expect(w[0]).toBe(1);
});

test.each([0, -1, 1.5, Number.NaN, Infinity, '2', null, undefined, [2], {}, 2n])(
  'setThreads refuses %o and leaves the number as it was',
  (threads) => {
    const before = kernels.info().threads;
    const thrown = refusal(() => kernels.setThreads(threads as number));
    expect(thrown?.code).toBe('ERR_OPTION');
    expect(thrown?.message).toMatch(/^kernels\.setThreads: `threads` must be a whole number >= 1, got /u);
    expect(kernels.info().threads).toBe(before);
  },
);

test('an unknown kind of update cannot be bound', () => {
  const arrays = { weights: Float32Array.of(1), grads: Float32Array.of(1) };
  const thrown = refusal(() => kernels.bind('adamW' as 'sgd', arrays));
  expect(thrown).toEqual({
    code: 'ERR_OPTION',
    message:
      "kernels.bind: `kind` must be one of sgd, adam, adamw, nadam, radam, adamax, adagrad, adadelta, rmsprop, lion, ftrl, got the text 'adamW'. Did you mean adamw?",
  });
});

test('a getter that fails in the middle of the options leaves everything as it was', () => {
  const w = Float32Array.of(1, 2);
  const options = {
    lr: 0.1,
    get threads(): number {
      throw new Error('mine');
    },
  };
  expect(() => kernels.sgd(w, Float32Array.of(1, 1), options)).toThrow('mine');
  expect([...w]).toEqual([1, 2]);
  kernels.sgd(w, Float32Array.of(1, 1), { lr: 1 });
  expect([...w]).toEqual([0, 1]);
});
