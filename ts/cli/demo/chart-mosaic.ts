import { encodePng } from './png.ts';

/** The picture of a layer: its size in pixels and what an `img` shows. */
export interface Mosaic {
  readonly width: number;
  readonly height: number;
  readonly uri: string;
}

type Rgb = readonly [red: number, green: number, blue: number];

const SIDE = 8;
const ACROSS = 16;
const PITCH = SIDE + 1;

// Lightness falls alike to both sides. Colours are for the eye alone, so steps are as fine as bytes are.
const negative: readonly Rgb[] = [
  [247, 246, 243],
  [134, 178, 222],
  [28, 92, 171],
  [9, 44, 102],
];
const positive: readonly Rgb[] = [
  [247, 246, 243],
  [240, 158, 130],
  [199, 52, 42],
  [110, 10, 26],
];
const zero: Rgb = [139, 144, 151];

/** The exact zero's colour and the scale from −limit to limit, for the key: CSS colours. */
export const mosaicKey: { readonly zero: string; readonly scale: readonly string[] } = {
  zero: css(zero),
  scale: [...negative.toReversed(), ...positive.slice(1)].map(css),
};

function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** Units of 64 weights as tiles of 8×8 pixels, sixteen to a row, the page showing between them. */
export function mosaic(units: readonly (readonly number[])[], limit: number): Mosaic {
  const width = ACROSS * PITCH - 1;
  const height = Math.ceil(units.length / ACROSS) * PITCH - 1;
  const rgba = new Uint8Array(4 * width * height);
  units.forEach((unit, i) => {
    const [left, top] = [(i % ACROSS) * PITCH, Math.floor(i / ACROSS) * PITCH];
    unit.forEach((weight, pixel) => {
      if (Number.isNaN(weight)) return; // stays transparent
      const [x, y] = [left + (pixel % SIDE), top + Math.floor(pixel / SIDE)];
      rgba.set([...colour(weight, limit), 255], 4 * (y * width + x));
    });
  });
  return { width, height, uri: `data:image/png;base64,${encodePng(rgba, width, height).toString('base64')}` };
}

/** Grey for what is exactly 0; else from near white to blue below and to red above, saturated beyond ±limit. */
function colour(weight: number, limit: number): Rgb {
  if (weight === 0) return zero;
  const stops = weight < 0 ? negative : positive;
  const at = Math.min(1, Math.abs(weight) / limit) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(at));
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(stops[from]![channel] + (at - from) * (stops[from + 1]![channel] - stops[from]![channel]));
  return [mix(0), mix(1), mix(2)];
}

/** The |weight| that 97 in 100 stay below: where the common colour scale ends. */
export function colourLimit(layers: readonly (readonly number[])[]): number {
  const sizes = layers.flatMap((layer) => layer.map(Math.abs)).toSorted((a, b) => a - b);
  const limit = sizes[Math.floor(0.97 * (sizes.length - 1))] ?? 0;
  return limit > 0 ? Number(limit.toPrecision(2)) : 1;
}
