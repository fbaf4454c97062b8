/** Arguments and results: tensors, and lists and plain objects of them. */
import { Tensor } from '../tensor/tensor.ts';

function isPlain(value: object): boolean {
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

/** The tensors of `value`, in order. */
export function tensorsOf(value: unknown): Tensor[] {
  const tensors: Tensor[] = [];
  mapStructure(value, (item) => (item instanceof Tensor ? tensors.push(item) : undefined));
  return tensors;
}

const identities = new WeakMap<object, number>();
const count = { objects: 0 };

function identityOf(object: object): number {
  const known = identities.get(object);
  if (known !== undefined) return known;
  identities.set(object, ++count.objects);
  return count.objects;
}

/**
 * What arguments have to have in common to run one program: shapes and element types of tensors,
 * the values of everything else. A tensor that gets a gradient is itself part of it.
 */
export function signatureOf(value: unknown): string {
  if (value instanceof Tensor) {
    const own = value.tracked ? `#${identityOf(value)}` : '';
    return `${value.dtype}[${value.shape.join()}]${own}`;
  }
  if (typeof value === 'function') return `#${identityOf(value)}`;
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`;
  if (Array.isArray(value)) return `[${value.map(signatureOf).join(';')}]`;
  if (!isPlain(value)) return `#${identityOf(value)}`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${signatureOf(item)}`)
    .join(';')}}`;
}
