/** PyTorch's losses as sums over plain numbers: nothing of the library's forms. */
export interface Reduced {
  readonly losses: readonly number[];
  /** What each counts in a mean. */
  readonly counts: readonly number[];
}

export const each = (losses: readonly number[]): Reduced => ({ losses, counts: losses.map(() => 1) });

const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);

/** Weights multiply losses, and count in the mean. */
export function reduce(
  { losses, counts }: Reduced,
  reduction: 'mean' | 'sum' | 'none',
  weights: readonly number[] = losses.map(() => 1),
): readonly number[] {
  const weighted = losses.map((loss, i) => loss * weights[i]!);
  if (reduction === 'none') return weighted;
  if (reduction === 'sum') return [total(weighted)];
  return [total(weighted) / total(counts.map((count, i) => count * weights[i]!))];
}

type Each = (x: number, y: number) => number;

export const squared: Each = (x, y) => (x - y) ** 2;
export const absolute: Each = (x, y) => Math.abs(x - y);

export const smooth =
  (beta: number): Each =>
  (x, y) => {
    const d = Math.abs(x - y);
    return d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
  };

export const huber =
  (delta: number): Each =>
  (x, y) => {
    const d = Math.abs(x - y);
    return d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
  };

export const binary: Each = (x, y) =>
  -(y * Math.max(Math.log(x), -100) + (1 - y) * Math.max(Math.log(1 - x), -100));

export const logistic =
  (p: number): Each =>
  (x, y) => {
    const s = 1 / (1 + Math.exp(-x));
    return -(p * y * Math.log(s) + (1 - y) * Math.log(1 - s));
  };

export const divergence: Each = (x, y) => (y === 0 ? 0 : y * (Math.log(y) - x));
export const logDivergence: Each = (x, y) => Math.exp(y) * (y - x);

export function logSoftmax(row: readonly number[]): number[] {
  const sum = total(row.map(Math.exp));
  return row.map((x) => x - Math.log(sum));
}

/** Labels by rows of logarithms of probabilities. */
export function labels(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  { weight, ignore, smoothing = 0 }: { weight?: readonly number[]; ignore: number; smoothing?: number },
): Reduced {
  const of = (c: number): number => weight?.[c] ?? 1;
  const losses = rows.map((logs, i) => {
    const target = targets[i]!;
    if (target === ignore) return 0;
    const wanted = logs.map((_, c) => (c === target ? 1 - smoothing : 0) + smoothing / logs.length);
    return -total(logs.map((log, c) => wanted[c]! * of(c) * log));
  });
  return { losses, counts: targets.map((target) => (target === ignore ? 0 : of(target))) };
}

/** Probabilities as targets. */
export function shares(
  rows: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  { weight, smoothing = 0 }: { weight?: readonly number[]; smoothing?: number },
): Reduced {
  return each(
    rows.map((logs, i) => {
      const terms = logs.map((log, c) => {
        const wanted = targets[i]![c]! * (1 - smoothing) + smoothing / logs.length;
        return wanted * (weight?.[c] ?? 1) * log;
      });
      return -total(terms);
    }),
  );
}
