import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { compile, metrics, nn, ones, tensor, type Tensor } from 'ridgeline';
import { describe, expect, test } from 'vitest';
import { uniforms } from '../oracle/draw.ts';
import { refusal } from '../hostile/refusal.ts';

const { accuracy, auc, f1, logLoss, mae, r2 } = metrics;

type Precision = 'float32' | 'float64';
const arrays = { float32: Float32Array, float64: Float64Array };
const byName = { accuracy, auc, f1, logLoss, mae, r2 };

/** One call of scikit-learn. */
interface Case {
  readonly name: string;
  readonly metric: keyof typeof byName;
  readonly output: readonly number[];
  readonly shape: readonly number[];
  readonly target: readonly number[];
  /** Whether the targets are class numbers. */
  readonly labels: boolean;
  readonly from?: 'probabilities';
  readonly call: string;
  /** null is NaN. */
  readonly expected: number | null;
}

const file = new URL('scikit-learn.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };

/** Our figure of a case. */
function figureOf({ metric, output, shape, target, labels, from }: Case, dtype: Precision): number {
  const x = tensor(arrays[dtype].from(output), { shape });
  const y = labels ? tensor(Int32Array.from(target)) : tensor(arrays[dtype].from(target), { shape });
  if (metric === 'mae' || metric === 'r2') return byName[metric](x, y);
  return byName[metric](x, y, from === undefined ? {} : { from });
}

/** How far `got` is from `exact`, to its size; NaN is NaN. */
function error(got: number, exact: number): number {
  return Number.isNaN(got) && Number.isNaN(exact) ? 0 : Math.abs(got - exact) / (1 + Math.abs(exact));
}

test.each(cases)('$metric of $name is that of scikit-learn: $call', (one) => {
  expect(error(figureOf(one, 'float64'), one.expected ?? Number.NaN)).toBeLessThan(1e-13);
});

// A probability of exactly 0 or 1 is moved by the ε of its precision.
const inBoth = cases.filter(({ name }) => name !== 'probabilities of 0 and 1');
test.each(inBoth)('$metric of $name is nearly the same in single precision', (one) => {
  expect(error(figureOf(one, 'float32'), one.expected ?? Number.NaN)).toBeLessThan(1e-6);
});

describe('of 5,000 samples, by scikit-learn 1.9.1', () => {
  const samples = Array.from({ length: 5000 }, (_, i) => i);
  const s = Float64Array.from(samples, (i) => ((i * 7919 + 13) % 1009) / 64);
  const y = Int32Array.from(samples, (i) => ((i * 31) % 7 < 3 ? 1 : 0));
  const k = Int32Array.from(samples, (i) => (i * 31) % 7);
  const rows = samples.flatMap((i) =>
    [0, 1, 2, 3, 4, 5, 6].map((c) => ((i * (101 + c) + 17 * c) % 211) / 32),
  );
  const logits = tensor(Float64Array.from(rows), { shape: [5000, 7] });
  const first = Float64Array.from(samples, (i) => rows[7 * i]!);
  test.each([
    ['roc_auc_score(y, s)', auc(s, y), 0.4998794620085647],
    [
      'f1_score(y, s > 8)',
      f1(
        s.map((x) => x - 8),
        y,
      ),
      0.4581612692892849,
    ],
    [
      'log_loss(y, 1 / (1 + np.exp(8 - s)))',
      logLoss(
        s.map((x) => x - 8),
        y,
      ),
      2.0674169620324845,
    ],
    ["f1_score(k, L.argmax(1), average='macro')", f1(logits, k), 0.13956580467196275],
    ['accuracy_score(k, L.argmax(1))', accuracy(logits, k), 0.1434],
    ['log_loss(k, softmax(L))', logLoss(logits, k), 3.1009214350055516],
    ['r2_score(s, L[:, 0])', r2(first, s), -1.17964655423421],
    ['mean_absolute_error(s, L[:, 0])', mae(first, s), 5.495365625],
  ])('%s', (_call, got, expected) => {
    expect(error(got, expected)).toBeLessThan(1e-12);
  });
});

/** Scores with ties, and classes; both classes among them. */
const samples = fc
  .record({ seed: fc.nat(), n: fc.integer({ min: 2, max: 200 }), levels: fc.integer({ min: 1, max: 50 }) })
  .map(({ seed, n, levels }) => {
    const random = uniforms(seed);
    const scores = Float64Array.from({ length: n }, () => Math.round((random() * 2 - 1) * levels) / levels);
    const classes = Int32Array.from({ length: n }, () => (random() < 0.5 ? 0 : 1));
    classes[0] = 0;
    classes[1] = 1;
    const order = Int32Array.from({ length: n }, (_, i) => i).toSorted(() => random() - 0.5);
    return { scores, classes, order };
  });

const ordered = <A extends Float64Array | Int32Array>(array: A, order: Int32Array): A =>
  array.map((_, i) => array[order[i]!]!) as A;

describe('laws', () => {
  test('the AUC of reversed scores is 1 less the AUC, and no order of samples or rising function changes it', () => {
    fc.assert(
      fc.property(samples, ({ scores, classes, order }) => {
        const area = auc(scores, classes);
        expect(
          auc(
            scores.map((x) => -x),
            classes,
          ),
        ).toBeCloseTo(1 - area, 14);
        expect(
          auc(
            scores,
            classes.map((c) => 1 - c),
          ),
        ).toBeCloseTo(1 - area, 14);
        expect(auc(ordered(scores, order), ordered(classes, order))).toBe(area);
        expect(
          auc(
            scores.map((x) => Math.exp(2 * x)),
            classes,
          ),
        ).toBe(area);
      }),
    );
  });

  test('the order of samples changes no count, and no mean but for rounding', () => {
    fc.assert(
      fc.property(samples, ({ scores, classes, order }) => {
        const [x, y] = [ordered(scores, order), ordered(classes, order)];
        expect(accuracy(x, y)).toBe(accuracy(scores, classes));
        expect(f1(x, y)).toBe(f1(scores, classes));
        expect(logLoss(x, y)).toBeCloseTo(logLoss(scores, classes), 12);
        const target = scores.map((score, i) => score + (i % 3));
        expect(mae(x, ordered(target, order))).toBeCloseTo(mae(scores, target), 12);
        expect(r2(x, ordered(target, order))).toBeCloseTo(r2(scores, target), 9);
      }),
    );
  });

  test('what is right is perfect', () => {
    fc.assert(
      fc.property(samples, ({ scores, classes }) => {
        const right = Float64Array.from(classes, (c) => c - 0.5);
        expect([auc(right, classes), accuracy(right, classes), f1(right, classes)]).toEqual([1, 1, 1]);
        expect([accuracy(classes, classes), f1(classes, classes)]).toEqual([1, 1]);
        expect([r2(scores, scores), mae(scores, scores)]).toEqual([1, 0]);
        expect(
          logLoss(
            right.map((x) => 100 * x),
            classes,
          ),
        ).toBeLessThan(1e-20);
      }),
    );
  });

  test('the log loss is that of the losses of nn', () => {
    const logits = tensor(
      Float64Array.from({ length: 40 }, (_, i) => Math.sin(i) * 5),
      { shape: [10, 4] },
    );
    const classes = tensor(Int32Array.from({ length: 10 }, (_, i) => (i * 7) % 4));
    expect(logLoss(logits, classes)).toBeCloseTo(nn.functional.crossEntropy(logits, classes).item(), 12);
    const scores = tensor(Float64Array.from({ length: 40 }, (_, i) => Math.sin(i) * 5));
    const zeroOne = tensor(Float64Array.from({ length: 40 }, (_, i) => i % 2));
    const loss = nn.functional.binaryCrossEntropyWithLogits(scores, zeroOne).item();
    expect(logLoss(scores, zeroOne)).toBeCloseTo(loss, 12);
  });

  test('labels of classes, their numbers and their float64 are alike', () => {
    fc.assert(
      fc.property(samples, ({ scores, classes }) => {
        const numbers = Float64Array.from(classes);
        for (const metric of [accuracy, auc, f1, logLoss])
          expect(metric(scores, numbers)).toBe(metric(scores, classes));
        const predicted = Int32Array.from(scores, (x) => (x > 0 ? 1 : 0));
        for (const metric of [accuracy, f1]) expect(metric(predicted, classes)).toBe(metric(scores, classes));
      }),
    );
  });
});

test('a score that is no number is for no class, and no rank or mean', () => {
  const [scores, y] = [Float64Array.of(1, Number.NaN, 2), Int32Array.of(1, 0, 1)];
  expect(accuracy(scores, y)).toBe(2 / 3);
  expect(f1(scores, y)).toBe(1);
  for (const figure of [auc(scores, y), logLoss(scores, y), mae(scores, scores), r2(scores, scores)])
    expect(figure).toBeNaN();
});

test('of no samples there is no figure', () => {
  const [none, nothing] = [new Float64Array(), new Int32Array()];
  for (const figure of [accuracy(none, nothing), auc(none, nothing), logLoss(none, nothing)])
    expect(figure).toBeNaN();
  expect([f1(none, nothing), mae(none, none), r2(none, none)]).toEqual([0, Number.NaN, Number.NaN]);
});

const two = Float32Array.of(0.2, 0.8);
const labels = Int32Array.of(0, 1);
test.each<readonly [string, () => unknown, string]>([
  [
    'three classes',
    () => auc(ones([2, 3]), labels),
    'metrics.auc: `output` must be scores [n], [n, 1] or [n, 2], got [2, 3]. A ROC curve is that of two classes.',
  ],
  [
    'images',
    () => accuracy(ones([2, 3, 3]), labels),
    'metrics.accuracy: `output` must be scores [n], [n, 1] or [n, classes], got [2, 3, 3]',
  ],
  ['a scalar', () => f1(ones([]), labels), 'metrics.f1: `output` must be scores'],
  [
    'another number of targets',
    () => auc(two, Int32Array.of(1)),
    'metrics.auc: `target` must be of shape [2], a class each, got [1]',
  ],
  [
    'a target that is no class',
    () => auc(two, Float32Array.of(0, 0.5)),
    'metrics.auc: `target[1]` must be a class, 0 or 1, got 0.5',
  ],
  [
    'a class 2 of two',
    () => auc(two, Int32Array.of(0, 2)),
    'auc: `target[1]` must be a whole number from 0 to 1, got 2',
  ],
  [
    'a class beyond the scores',
    () => f1(ones([2, 3]), Int32Array.of(0, 3)),
    'f1: `target[1]` must be a whole number from 0 to 2, got 3',
  ],
  [
    'a negative class',
    () => f1(labels, Int32Array.of(0, -1)),
    'f1: `target[1]` must be a whole number from 0 to 1, got -1',
  ],
  [
    'classes of which there are too many to count',
    () => f1(labels, Int32Array.of(0, 2 ** 30)),
    'metrics.f1: `target` must be classes below 1048576, got 1073741824',
  ],
  [
    'floating-point targets of three classes',
    () => logLoss(ones([2, 3]), ones([2])),
    'metrics.logLoss: `target` must be an int32 tensor of class numbers, got float32',
  ],
  [
    'no probability',
    () => logLoss(Float32Array.of(0.5, 1.5), labels, { from: 'probabilities' }),
    'metrics.logLoss: `output[1]` must be a probability, got 1.5',
  ],
  [
    'classes as scores',
    () => auc(labels, labels),
    'metrics.auc: `output` must be a tensor of float32 or float64, got one of int32',
  ],
  [
    'targets of another shape',
    () => mae(ones([2, 1]), ones([2])),
    'metrics.mae: `target` must be float32 of shape [2, 1] as `output` is, got float32 of shape [2]',
  ],
  [
    'targets of another precision',
    () => r2(two, new Float64Array(2)),
    'metrics.r2: `target` must be float32 of shape [2] as `output` is, got float64 of shape [2]',
  ],
  [
    'R² of images',
    () => r2(ones([2, 3, 3]), ones([2, 3, 3])),
    'metrics.r2: `output` must be [n] or [n, columns], got [2, 3, 3]',
  ],
  [
    'a list',
    () => auc([0.2, 0.8] as never, labels),
    'metrics.auc: `output` must be a tensor, a Float32Array, a Float64Array or an Int32Array, got an array of 2',
  ],
  ['an unknown option', () => auc(two, labels, { frm: 'logits' } as never), 'Did you mean from?'],
  [
    'an unknown kind of scores',
    () => auc(two, labels, { from: 'logit' as never }),
    "metrics.auc: `from` must be one of logits, probabilities, got the text 'logit'. Did you mean logits?",
  ],
])('%s: refused', (_, call, message) => {
  const thrown = refusal(call);
  expect(thrown?.code).toMatch(/^ERR_/u);
  expect(thrown?.message).toContain(message);
});

test('a metric is a look at values, which a captured step cannot take', () => {
  const step = compile((x: Tensor) => auc(x, labels));
  expect(refusal(() => step(tensor(two)))).toMatchObject({
    code: 'ERR_CAPTURE',
    message: expect.stringContaining('looks at metrics.auc') as unknown,
  });
});
