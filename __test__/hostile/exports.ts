import { kernels } from 'ridgeline';
import { draw, type FloatArray, type Precision } from '../oracle/draw.ts';

/** An export of `kernels` that takes arrays, and what it takes. */
export interface Export {
  readonly name: string;
  /** Arrays by name, with their lengths. */
  readonly lengths: Readonly<Record<string, number>>;
  /** Those that are written. */
  readonly written: readonly string[];
  /** Options and numbers that are right. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options that must be finite and at least 0. */
  readonly numbers: readonly string[];
  /** Options that are true or false. */
  readonly flags: readonly string[];
  /** Options that are one of some names. */
  readonly names: readonly string[];
  run(arrays: Readonly<Record<string, never>>, options: never): unknown;
}

/** Elements of an array: two blocks of lanes and a tail. */
export const N = 37;

const penalty = {
  options: { l1: 0.1, l2: 0.2 },
  numbers: ['l1', 'l2', 'threads'],
  flags: [],
  names: ['isa'],
};
const common = ['lr', 'weightDecay', 'scheduleMultiplier', 'l1', 'l2', 'nearZero', 'threads'];
const update = { flags: ['maximize'], names: ['decay', 'apply', 'isa'] };
const adam = {
  ...update,
  lengths: { weights: N, grads: N, m: N, v: N, vMax: N },
  written: ['weights', 'm', 'v', 'vMax'],
  options: { step: 1, lr: 0.1, l1: 0.1 },
  numbers: [...common, 'beta1', 'beta2', 'eps', 'step'],
};
const sgd = {
  flags: ['maximize', 'nesterov'],
  names: update.names,
  lengths: { weights: N, grads: N, momentumBuffer: N },
  written: ['weights', 'momentumBuffer'],
  options: { lr: 0.1, momentum: 0.9, l1: 0.1 },
  numbers: [...common, 'momentum', 'step'],
};

export const exports: readonly Export[] = [
  {
    ...penalty,
    name: 'penaltyValue',
    lengths: { weights: N },
    written: [],
    run: ({ weights }, options) => kernels.penaltyValue(weights!, options),
  },
  {
    ...penalty,
    name: 'addPenaltyGradient',
    lengths: { weights: N, grads: N },
    written: ['grads'],
    run: ({ weights, grads }, options) => kernels.addPenaltyGradient(weights!, grads!, options),
  },
  {
    ...penalty,
    name: 'penaltyViolation',
    lengths: { weights: N, grads: N },
    written: [],
    run: ({ weights, grads }, options) => kernels.penaltyViolation(weights!, grads!, options),
  },
  {
    ...penalty,
    name: 'prox',
    lengths: { weights: N },
    written: ['weights'],
    options: { ...penalty.options, step: 0.5 },
    numbers: [...penalty.numbers, 'step'],
    run({ weights }, options) {
      const { step, ...others } = options as { step: never };
      kernels.prox(weights!, step, others);
    },
  },
  {
    name: 'softThreshold',
    lengths: { weights: N },
    written: ['weights'],
    options: { threshold: 0.5 },
    numbers: ['threshold', 'threads'],
    flags: [],
    names: ['isa'],
    run({ weights }, options) {
      const { threshold, ...others } = options as { threshold: never };
      kernels.softThreshold(weights!, threshold, others);
    },
  },
  {
    ...sgd,
    name: 'sgd',
    run: ({ weights, grads, momentumBuffer }, options) =>
      kernels.sgd(weights!, grads!, options, momentumBuffer),
  },
  {
    ...adam,
    name: 'adam',
    run: ({ weights, grads, m, v, vMax }, options) => kernels.adam(weights!, grads!, m!, v!, options, vMax),
  },
  {
    ...adam,
    name: 'adamw',
    run: ({ weights, grads, m, v, vMax }, options) => kernels.adamw(weights!, grads!, m!, v!, options, vMax),
  },
  { ...sgd, name: 'bind sgd', run: (arrays, options) => kernels.bind('sgd', arrays as never)(options) },
  { ...adam, name: 'bind adam', run: (arrays, options) => kernels.bind('adam', arrays as never)(options) },
  { ...adam, name: 'bind adamw', run: (arrays, options) => kernels.bind('adamw', arrays as never)(options) },
  {
    name: 'matmul',
    lengths: { a: 6 * 5, b: 5 * 7, out: 6 * 7 },
    written: ['out'],
    options: { m: 6, n: 7, k: 5 },
    numbers: ['m', 'n', 'k', 'threads'],
    flags: ['transposeA', 'transposeB'],
    names: ['isa'],
    run: ({ a, b, out }, options) => kernels.matmul(a!, b!, out!, options),
  },
  {
    name: 'stream',
    lengths: { weights: N, grads: N, m: N, v: N },
    written: ['weights', 'm', 'v'],
    options: {},
    numbers: ['threads'],
    flags: [],
    names: ['isa'],
    run: ({ weights, grads, m, v }, options) => kernels.stream(weights!, grads!, m!, v!, options),
  },
];

/** Fresh arrays for an export, each in memory of its own. */
export function fresh({ lengths }: Export, precision: Precision = 'float32'): Record<string, FloatArray> {
  const entries = Object.entries(lengths).map(([name, length], i) => [name, draw(precision, length, i + 1)]);
  return Object.fromEntries(entries) as Record<string, FloatArray>;
}

/** Calls an export with whatever stands for its arrays and options. */
export function callWith(entry: Export, arrays: object, options: unknown): unknown {
  return entry.run(arrays as Record<string, never>, options as never);
}
