import { across, type Chart, coloured, layered, roundUp, upward } from './chart.ts';
import type { CurvePoint, DemoRun } from './result.ts';

/** Data loss over epochs: on what the network trains on, and on what it does not. A dot at the lowest of the latter. */
export function curvesChart(curve: readonly CurvePoint[], top: number): Chart {
  const values = curve.flatMap(({ epoch, train, validation }) => [
    { epoch, loss: train, data: 'train' },
    { epoch, loss: validation, data: 'validation' },
  ]);
  const lowest = lowestValidation(curve);
  const x = across({ field: 'epoch', title: 'epoch', domain: [0, curve.at(-1)?.epoch ?? 1] });
  const y = upward({ field: 'loss', title: 'data loss', domain: [0, top] });
  const color = coloured('data', { train: 'var(--train)', validation: 'var(--validation)' });
  const dot = lowest && [{ epoch: lowest.epoch, loss: lowest.validation, data: 'validation' }];
  return layered([
    {
      data: { values: values.filter(({ loss }) => Number.isFinite(loss)) },
      mark: { type: 'line', strokeWidth: 1.75, strokeJoin: 'round' },
      encoding: { x, y, color },
    },
    {
      data: { values: dot ?? [] },
      mark: { type: 'point', filled: true, size: 42, opacity: 1 },
      encoding: { x, y, color },
    },
  ]);
}

/** The point at which the validation loss is lowest; undefined if it is nowhere a number. */
export function lowestValidation(curve: readonly CurvePoint[]): CurvePoint | undefined {
  const known = curve.filter(({ validation }) => Number.isFinite(validation));
  return known.reduce<CurvePoint | undefined>(
    (best, point) => (best === undefined || point.validation < best.validation ? point : best),
    undefined,
  );
}

/** The end of the loss axis that all panels share. */
export function highestLoss(runs: readonly DemoRun[]): number {
  const losses = runs.flatMap(({ curve }) => curve.flatMap(({ train, validation }) => [train, validation]));
  return roundUp(losses.filter(Number.isFinite).reduce((high, loss) => Math.max(high, loss), 0));
}
