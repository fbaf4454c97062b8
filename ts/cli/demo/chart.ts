import type { TopLevelSpec } from 'vega-lite';

/** A chart as plain data: layers over one another. */
export type Chart = Extract<TopLevelSpec, { layer: unknown }>;

/** One layer: data, a mark, and what the mark's places and colours stand for. */
export type Layer = Exclude<Chart['layer'][number], { layer: unknown }>;

type Encoding = NonNullable<Layer['encoding']>;
type Position = NonNullable<Encoding['x'] & Encoding['y']>;
type Axis = NonNullable<Extract<NonNullable<Encoding['x']>, { axis?: unknown }>['axis']>;

/** What an axis spans. */
export type Domain = readonly [low: number, high: number];

/** Size of every panel in its own units; the page scales it. The plot lies at the same place in each. */
export const panel = { width: 320, height: 200, left: 40, right: 14, top: 26, bottom: 34 } as const;

/** A field of numbers along an axis. */
export interface Along {
  readonly field: string;
  readonly title: string;
  readonly domain: Domain;
  readonly scale?: 'linear' | 'log';
  /** Where the axis is labelled; round places unless given. */
  readonly values?: readonly number[];
  /** A Vega expression of `datum.value`: what a label says. */
  readonly label?: string;
}

/** A field on the horizontal axis, whose title ends where the axis does. */
export function across(along: Along): Position {
  return position(along, 5, { grid: false, titleAnchor: 'end', titlePadding: 2 });
}

/** A field on the vertical axis, whose title lies above the labels: nobody has to tilt the head. */
export function upward(along: Along): Position {
  return position(along, 4, {
    titleAngle: 0,
    titleAlign: 'left',
    titleAnchor: 'start',
    titleBaseline: 'bottom',
    titleX: -panel.left,
    titleY: -10,
  });
}

function position(along: Along, ticks: number, axis: Axis): Position {
  const { field, title, domain, scale = 'linear', values, label } = along;
  return {
    field,
    type: 'quantitative',
    title,
    scale: { type: scale, domain: [...domain], nice: false, ...(scale === 'linear' && { zero: false }) },
    // A count of ticks would thin out the values.
    axis: {
      ...axis,
      ...(values ? { values: [...values] } : { tickCount: ticks }),
      ...(label !== undefined && { labelExpr: label }),
    },
  };
}

/** A field whose values have a colour each. */
export function coloured(
  field: string,
  colours: Readonly<Record<string, string>>,
): NonNullable<Encoding['color']> {
  const scale = { domain: Object.keys(colours), range: Object.values(colours) };
  return { field, type: 'nominal', legend: null, scale };
}

/**
 * A panel of these layers. Colours are the page's CSS variables, so that one picture serves light
 * and dark, and the plot's place is fixed, so that panels line up whatever their labels.
 */
export function layered(layers: readonly Layer[]): Chart {
  const { width, height, left, right, top, bottom } = panel;
  return {
    width: width - left - right,
    height: height - top - bottom,
    padding: { left, right, top, bottom },
    autosize: { type: 'none' },
    config: look,
    layer: [...layers],
  };
}

const quiet = 'var(--quiet)';

const look: NonNullable<Chart['config']> = {
  background: 'transparent',
  // The figure says what it shows; a label for each of a thousand marks says nothing.
  aria: false,
  font: 'inherit',
  view: { stroke: null },
  axis: {
    aria: false,
    domain: false,
    ticks: false,
    gridColor: 'var(--rule)',
    labelColor: quiet,
    labelFontSize: 11,
    labelPadding: 6,
    titleColor: quiet,
    titleFontSize: 11,
    titleFontWeight: 'normal',
  },
};

/** The next round number: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten. 1 for what is not positive. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((step) => step * power >= value * (1 - 1e-9)) ?? 10;
  return digit * power;
}
