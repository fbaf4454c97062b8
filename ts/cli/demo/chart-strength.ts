import { across, type Chart, type Domain, layered, upward } from './chart.ts';
import type { DemoRun, GridPoint } from './result.ts';

/** Validation accuracy against λ: the mean, the spread over seeds, and a larger dot at the chosen λ. */
export function strengthChart(
  { grid, lambda: chosen }: Pick<DemoRun, 'grid' | 'lambda'>,
  domain: Domain,
): Chart {
  const values = drawn(grid).map(({ lambda, validationAccuracy: { mean, deviation } }) => {
    const [low, high] = [mean - deviation, mean + deviation];
    return { lambda, accuracy: mean, low, high, picked: lambda === chosen };
  });
  const lambdas = values.map(({ lambda }) => lambda);
  const x = across({
    field: 'lambda',
    title: 'λ, logarithmic',
    scale: 'log',
    // Room for the first and the last dot.
    domain: [Math.min(...lambdas) / 1.35, Math.max(...lambdas) * 1.35],
    values: lambdas,
    label: "format(datum.value, '~g')",
  });
  const y = upward({
    field: 'accuracy',
    title: 'validation accuracy',
    domain,
    label: "format(100 * datum.value, 'd') + ' %'",
  });
  const color = 'var(--validation)';
  return {
    ...layered([
      { mark: { type: 'line', strokeWidth: 1.75, color }, encoding: { x, y } },
      {
        mark: { type: 'rule', strokeWidth: 1.25, color },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        mark: { type: 'point', filled: true, opacity: 1, color },
        encoding: { x, y, size: { condition: { test: 'datum.picked', value: 120 }, value: 28 } },
      },
    ]),
    data: { values },
  };
}

/** The points that a logarithmic axis can show. */
function drawn(grid: readonly GridPoint[]): readonly GridPoint[] {
  return grid.filter(({ lambda }) => lambda > 0);
}

/** The accuracy axis that all panels share: round tens around every mean and its spread, within 0 to 1. */
export function accuracyDomain(runs: readonly DemoRun[]): Domain {
  const ends = runs.flatMap(({ grid }) =>
    grid.flatMap(({ validationAccuracy: { mean, deviation } }) => [mean - deviation, mean + deviation]),
  );
  const [low, high] = [Math.min(1, ...ends), Math.max(0, ...ends)];
  return [Math.max(0, Math.floor(10 * low) / 10), Math.min(1, Math.ceil(10 * high) / 10)];
}
