/** The page's style sheet. Light and dark differ in the variables alone; charts read the same ones. */
export const styles = `
:root {
  color-scheme: light dark;
  --page: #fdfdfc;
  --text: #1c1e21;
  --quiet: #61666d;
  --rule: #e3e4e3;
  --train: #8a9099;
  --validation: #c2410c;
  --positive: #c7342a;
  --negative: #1f64b4;
  --zero: #8b9097;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a;
    --text: #e6e7e8;
    --quiet: #9ba0a8;
    --rule: #2d3035;
    --train: #858b95;
    --validation: #f58a4b;
    --positive: #f0705f;
    --negative: #5b9ff0;
    --zero: #8b9097;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif;
}
main { max-width: 66rem; margin: 0 auto; padding: 4rem 1.5rem 5rem; }
h1 { margin: 0 0 1.25rem; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { margin: 0 0 0.5rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -0.005em; }
section { margin-top: 4rem; }
p { max-width: 42rem; margin: 0 0 1rem; text-wrap: pretty; }
p.note { margin-top: 1.25rem; color: var(--quiet); font-size: 0.875rem; }
a { color: inherit; }
code, pre { font: 0.9em/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { margin: 0 0 1rem; padding: 0.75rem 1rem; border: 1px solid var(--rule); border-radius: 4px; max-width: 42rem; overflow-x: auto; }

dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.5rem; max-width: 52rem; margin: 1.5rem 0 0; font-size: 0.9375rem; }
dt { font-weight: 600; }
dd { margin: 0; color: var(--quiet); }

.wide { overflow-x: auto; margin: 1.5rem 0 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; font-variant-numeric: tabular-nums lining-nums; }
th, td { padding: 0.45rem 0 0.45rem 1.5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
th:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--quiet); font-size: 0.8125rem; font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 600; }

.key { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1.25rem 0 0; color: var(--quiet); font-size: 0.875rem; }
.key span { display: inline-flex; align-items: center; gap: 0.5rem; }
.key i { flex: none; width: 1.25rem; height: 0.1875rem; border-radius: 1px; }
.key i.square { width: 0.75rem; height: 0.75rem; }
.key i.scale { width: 8rem; height: 0.75rem; }

.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 2.25rem 2rem; margin-top: 1.5rem; }
.panels.pictures { grid-template-columns: repeat(auto-fill, minmax(min(100%, 26.8125rem), 1fr)); }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: 0.5rem; font-size: 0.875rem; line-height: 1.45; color: var(--quiet); font-variant-numeric: tabular-nums lining-nums; }
figcaption b { display: block; color: var(--text); font-size: 0.9375rem; font-weight: 600; }
svg, img { display: block; width: 100%; height: auto; }
svg { overflow: visible; font-variant-numeric: tabular-nums lining-nums; }
img { image-rendering: pixelated; max-width: 26.8125rem; }
@media (prefers-color-scheme: dark) {
  /* Lightness turned over, hues kept: what is nearly zero is nearly black. */
  img, .key i.scale { filter: invert(1) hue-rotate(180deg); }
}

@media (max-width: 36rem) {
  main { padding: 2.5rem 1.25rem 3.5rem; }
  h1 { font-size: 1.625rem; }
  section { margin-top: 3rem; }
  dl { display: block; }
  dd { margin-bottom: 0.625rem; }
  th, td { padding-left: 1.125rem; }
  .wide { margin-right: -1.25rem; padding-right: 1.25rem; }
  tbody th:first-child, thead th:first-child { position: sticky; left: 0; padding-right: 0.5rem; background: var(--page); }
}
@media print {
  main { max-width: none; padding: 0; }
  figure, tr { break-inside: avoid; }
}
`;
