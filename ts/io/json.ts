/** The part of JSON that headers of files are written in: objects, lists, strings and whole numbers. */

/** Whether an object of `text`, which is valid JSON, has a key twice. */
export function hasKeyTwice(text: string): boolean {
  const keys: Set<string>[] = []; // of the objects and lists that are open
  for (let at = 0; at < text.length;) {
    const end = text[at] === '"' ? endOfString(text, at) : at + 1;
    const token = text.slice(at, end);
    if (/^[{[]/u.test(token)) keys.push(new Set());
    if (/^[\]}]/u.test(token)) keys.pop();
    const isKey = token.startsWith('"') && /^\s*:/u.test(text.slice(end, end + 64));
    if (isKey && isKnown(keys.at(-1)!, JSON.parse(token) as string)) return true;
    at = end;
  }
  return false;
}

/** Whether a key is among `keys`, to which it belongs from now on. */
function isKnown(keys: Set<string>, key: string): boolean {
  const known = keys.has(key);
  keys.add(key);
  return known;
}

/** One behind the quote that ends the string that starts at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** Whether numbers in it are whole, written without a sign, point or exponent, and nothing is true, false or null. */
export function isPlainJson(text: string): boolean {
  return !/[^\s{}[\],:0-9]/u.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/gu, ''));
}
