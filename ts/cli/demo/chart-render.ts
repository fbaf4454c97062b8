import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import { type Chart, panel } from './chart.ts';
import { escapeHtml } from './page-text.ts';

/** Draws a chart as an SVG element that scales with the page; `label` is read out in its place. */
export type Renderer = (chart: Chart, label: string) => Promise<string>;

/**
 * The renderer that Vega gives. It is loaded here and nowhere else: whoever trains models does not
 * need it.
 *
 * @throws {Error} that names the packages to install, when they are missing.
 */
export async function loadRenderer(): Promise<Renderer> {
  const [vega, { compile }] = await loadVega();
  return async (chart, label) => {
    const runtime = vega.parse(compile(chart).spec);
    const view = new vega.View(runtime, { renderer: 'none' });
    const svg = await view.toSVG();
    view.finalize();
    return scalable(svg, label);
  };
}

async function loadVega(): Promise<[typeof Vega, typeof VegaLite]> {
  try {
    return await Promise.all([import('vega'), import('vega-lite')]);
  } catch (cause) {
    throw new Error('ridgeline demo: the page needs two more packages. Run `npm install vega vega-lite`.', {
      cause,
    });
  }
}

/** With our own opening tag: without a fixed size, and read out as one picture. */
function scalable(svg: string, label: string): string {
  const { width, height } = panel;
  const opening = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">`;
  return svg.replace(/^[^<]*<svg[^>]*>/, () => opening);
}
