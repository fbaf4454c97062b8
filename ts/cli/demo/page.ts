import { accuracyDomain, strengthChart } from './chart-strength.ts';
import { curvesChart, highestLoss } from './chart-curves.ts';
import { colourLimit, mosaic, mosaicKey } from './chart-mosaic.ts';
import { loadRenderer, type Renderer } from './chart-render.ts';
import { highestWeight, unitChart, unitsByNorm } from './chart-units.ts';
import { count, escapeHtml, listed, plural, strength } from './page-text.ts';
import {
  barsWords,
  curveNote,
  curvesWords,
  setupWords,
  strengthWords,
  tableWords,
  pictureNote,
  zerosOf,
  zerosWords,
} from './page-words.ts';
import type { DemoResult, DemoRun } from './result.ts';
import { styles } from './styles.ts';
import { columns } from './table.ts';

/**
 * The demo's page: one HTML document that needs no network, no script and no other file.
 *
 * @throws {Error} that names the packages to install, when Vega is missing.
 */
export async function renderPage(result: DemoResult): Promise<string> {
  const { runs, settings } = result;
  const draw = await loadRenderer();
  const title = `Regularizers on ${count(settings.samples)} handwritten digits`;
  const sections = [
    table(runs),
    await curves(runs, draw),
    await bars(runs, draw),
    pictures(runs),
    await strengths(runs, draw),
    reproduce(result),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${styles}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${paragraph(setupWords(result))}
<dl>
${runs.map(({ name, description }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(description)}</dd>`).join('\n')}
</dl>
</header>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;
const note = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`;

function section(title: string, ...parts: readonly string[]): string {
  return `<section>\n<h2>${title}</h2>\n${parts.join('\n')}\n</section>`;
}

/** A panel: whose it is, what it shows in numbers, the picture. */
function figure({ name }: DemoRun, text: string, picture: string): string {
  return `<figure><figcaption><b>${escapeHtml(name)}</b>${escapeHtml(text)}</figcaption>${picture}</figure>`;
}

const panels = (figures: readonly string[], kind = ''): string =>
  `<div class="panels${kind}">\n${figures.join('\n')}\n</div>`;

/** What colours stand for: [colour, meaning, shape of the swatch]. */
function key(...entries: readonly (readonly [colour: string, text: string, shape?: string])[]): string {
  const swatches = entries.map(
    ([colour, text, shape = 'line']) =>
      `<span><i class="${shape}" style="background:${colour}"></i>${escapeHtml(text)}</span>`,
  );
  return `<p class="key">${swatches.join('')}</p>`;
}

function table(runs: readonly DemoRun[]): string {
  const heads = columns.map(({ head }) => `<th scope="col">${escapeHtml(head)}</th>`);
  const rows = runs.map((run) => {
    const cells = columns.map(({ cell }, c) => {
      const text = escapeHtml(cell(run));
      return c === 0 ? `<th scope="row">${text}</th>` : `<td>${text}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return section(
    'Results',
    paragraph(tableWords(runs)),
    `<div class="wide" role="region" aria-label="Results" tabindex="0"><table>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`,
    note(
      'Means over seeds; ± is one standard deviation. The norm is that of both weight matrices. Zeros are shares of ' +
        'the first layer’s weights; near zeros are below 0.0001 in size, the exact ones among them.',
    ),
  );
}

async function curves(runs: readonly DemoRun[], draw: Renderer): Promise<string> {
  const top = highestLoss(runs);
  const figures = await Promise.all(
    runs.map(async (run) => {
      const text = curveNote(run);
      const svg = await draw(
        curvesChart(run.curve, top),
        `Loss curves, ${run.name}: validation loss ${text}`,
      );
      return figure(run, text, svg);
    }),
  );
  return section(
    'Loss over epochs',
    paragraph(curvesWords(runs)),
    key(['var(--train)', 'training data'], ['var(--validation)', 'validation data, a dot at the lowest']),
    panels(figures),
    note('Data losses of the first seed, without what the weights pay.'),
  );
}

async function bars(runs: readonly DemoRun[], draw: Renderer): Promise<string> {
  const units = runs.map((run) => ({ run, unit: unitsByNorm(run)[0] ?? [] }));
  const limit = highestWeight(units.map(({ unit }) => unit));
  const figures = await Promise.all(
    units.map(async ({ run, unit }) => {
      const text = `${zerosOf(unit)} of ${unit.length} exactly zero`;
      return figure(
        run,
        text,
        await draw(unitChart(unit, limit), `Weights of one unit, ${run.name}: ${text}`),
      );
    }),
  );
  return section(
    'The weights of one unit',
    paragraph(
      `Each panel has the incoming weights of the strongest unit of the first layer. ${barsWords(units)}`,
    ),
    key(
      ['var(--positive)', 'above zero', 'square'],
      ['var(--negative)', 'below zero', 'square'],
      ['var(--zero)', 'exactly zero, at the foot', 'square'],
    ),
    panels(figures),
    note('Strongest: of the largest Euclidean norm, after the first seed.'),
  );
}

function pictures(runs: readonly DemoRun[]): string {
  const limit = colourLimit(runs.map(({ firstLayer }) => firstLayer));
  const figures = runs.map((run) => {
    const units = unitsByNorm(run);
    const { width, height, uri } = mosaic(units, limit);
    const text = pictureNote(units);
    const alt = escapeHtml(`First layer, ${run.name}: ${text}`);
    return figure(run, text, `<img src="${uri}" width="${width}" height="${height}" alt="${alt}">`);
  });
  return section(
    'The first layer',
    paragraph(
      `Each tile has the 64 weights of one unit, where the pixels are that they look at. ${zerosWords(runs)}`,
    ),
    key(
      [
        `linear-gradient(to right, ${mosaicKey.scale.join(', ')})`,
        `−${limit} to ${limit}, for all runs`,
        'scale',
      ],
      [mosaicKey.zero, 'exactly zero', 'square'],
    ),
    panels(figures, ' pictures'),
    note('Units of the first seed, the strongest first. Colours are full beyond either end of the scale.'),
  );
}

async function strengths(runs: readonly DemoRun[], draw: Renderer): Promise<string> {
  const domain = accuracyDomain(runs);
  const tried = runs.filter(({ grid }) => grid.some(({ lambda }) => lambda > 0));
  const figures = await Promise.all(
    tried.map(async (run) => {
      const text = `chosen λ = ${strength(run.lambda)}`;
      return figure(
        run,
        text,
        await draw(strengthChart(run, domain), `Accuracy against λ, ${run.name}: ${text}`),
      );
    }),
  );
  return section(
    'Accuracy against λ',
    paragraph(strengthWords(runs)),
    panels(figures),
    note(
      'Validation accuracy, mean and standard deviation over seeds. λ multiplies different things, so compare shapes, not places.',
    ),
  );
}

function reproduce({ settings, isa, threads, seconds }: DemoResult): string {
  const { seeds, epochs } = settings;
  return section(
    'How to reproduce',
    `<pre><code>npm install ridgeline vega vega-lite\nnpx ridgeline demo --epochs ${epochs} --seeds ${seeds.length}</code></pre>`,
    paragraph(
      `This page took ${seconds.toFixed(1)} seconds of training on ${plural(threads, 'thread')} (${isa}), ` +
        `from the ${seeds.length === 1 ? 'seed' : 'seeds'} ${listed(seeds.map(String))}. ` +
        'With --json the command prints the numbers that this page shows.',
    ),
  );
}
