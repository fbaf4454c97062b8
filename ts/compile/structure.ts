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

/** The tensors of `value`, in order. */
export function tensorsOf(value: unknown): Tensor[] {
  const tensors: Tensor[] = [];
  mapStructure(value, (item) => (item instanceof Tensor ? tensors.push(item) : undefined));
  return tensors;
}
