import { across, type Chart, coloured, layered, roundUp, upward } from './chart.ts';
import type { DemoRun } from './result.ts';

/** Pixels of a digit: the inputs of a unit of the first layer. */
const PIXELS = 64;

/** The incoming weights of every unit of the first layer, the largest ‖w‖₂ first. */
export function unitsByNorm({ firstLayer }: Pick<DemoRun, 'firstLayer'>): number[][] {
  const units = Array.from({ length: firstLayer.length / PIXELS }, (_, unit) =>
    firstLayer.slice(unit * PIXELS, (unit + 1) * PIXELS),
  );
  const norms = new Map(units.map((unit) => [unit, Math.hypot(...unit)]));
  return units.toSorted((a, b) => norms.get(b)! - norms.get(a)!);
}

/** A bar for each weight of a unit, in the order of the pixels; below them a tick for each that is exactly 0. */
export function unitChart(weights: readonly number[], limit: number): Chart {
  const foot = -1.14 * limit;
  const values = weights.map((weight, pixel) => ({ pixel, weight, sign: weight < 0 ? 'below' : 'above' }));
  const zeros = values.filter(({ weight }) => weight === 0).map(({ pixel }) => ({ pixel, weight: foot }));
  const x = across({
    field: 'pixel',
    title: 'pixel, row by row',
    domain: [-0.5, PIXELS - 0.5],
    values: [0, 16, 32, 48, PIXELS - 1],
  });
  const y = upward({
    field: 'weight',
    title: 'weight',
    domain: [foot, limit],
    values: [-limit, -limit / 2, 0, limit / 2, limit],
  });
  const color = coloured('sign', { below: 'var(--negative)', above: 'var(--positive)' });
  return layered([
    {
      data: { values: values.filter(({ weight }) => weight !== 0) },
      mark: { type: 'bar', width: 3 },
      encoding: { x, y, color },
    },
    {
      data: { values: zeros },
      mark: { type: 'rect', width: 3, height: 5, color: 'var(--zero)' },
      encoding: { x, y },
    },
  ]);
}

/** The end of the weight axis that all panels share. */
export function highestWeight(units: readonly (readonly number[])[]): number {
  return roundUp(units.flat().reduce((high, weight) => Math.max(high, Math.abs(weight)), 0));
}
