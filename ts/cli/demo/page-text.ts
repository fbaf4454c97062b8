/** Keeps a number and its unit on one line. */
const SPACE = '\u00a0';

/** Text with the characters escaped that mean something in HTML, within an attribute too. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A share as `72 %`, `3.1 %`, `0 %`. What is not quite none or all is not rounded to it. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return `<${SPACE}0.1${SPACE}%`;
  if (share < 1 && share > 0.999) return `>${SPACE}99.9${SPACE}%`;
  const whole = share === 0 || share === 1 || (share >= 0.1 && share <= 0.99);
  return `${(100 * share).toFixed(whole ? 0 : 1)}${SPACE}%`;
}

/** An accuracy with one decimal, for comparison: `88.0 %`. */
export function accuracy(share: number): string {
  return `${(100 * share).toFixed(1)}${SPACE}%`;
}

/** λ to two digits, as short as it can be: `0.003`. */
export function strength(lambda: number): string {
  return String(Number(lambda.toPrecision(2)));
}

/** A loss or a norm: three digits, and never more than three decimals. */
export function measure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** A count with its thousands set apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

/** `1 seed`, `3 seeds`. */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}
