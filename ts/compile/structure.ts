/** Arguments and results: tensors, and lists and plain objects of them. */
import { Tensor } from '../tensor/tensor.ts';

/** Whether `value` is an object as literals make it. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `value` with each tensor, and each object that `replace` knows, replaced. */
export function mapStructure(value: unknown, replace: (item: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => mapStructure(item, replace));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStructure(item, replace)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether both are the same but for items of which `same` knows better: it answers undefined where not. */
export function sameStructure(
  a: unknown,
  b: unknown,
  same: (a: object, b: object) => boolean | undefined,
): boolean {
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  const known = same(a, b);
  if (known !== undefined) return known;
  const lists = Array.isArray(a) && Array.isArray(b);
  if (!lists && !(isPlain(a) && isPlain(b))) return a === b;
  const [entries, others] = [Object.entries(a), Object.entries(b)];
  return (
    entries.length === others.length &&
    entries.every(([key, item], i) => key === others[i]![0] && sameStructure(item, others[i]![1], same))
  );
}

/** The tensors of `value`, in order; what it holds is looked at once a call, and not copied. */
export function tensorsOf(value: unknown, found: Tensor[] = []): Tensor[] {
  if (value instanceof Tensor) found.push(value);
  else if (Array.isArray(value)) for (const item of value) tensorsOf(item, found);
  else if (isObject(value) && isPlain(value)) for (const item of Object.values(value)) tensorsOf(item, found);
  return found;
}
