import type { AnyArray } from '../recorder.ts';
import { Tensor } from '../tensor/tensor.ts';
import { isPlain } from './structure.ts';

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
function signatureOf(value: unknown, seen: AnyArray[]): string {
  if (value instanceof Tensor) return signatureOfTensor(value, seen);
  if (typeof value === 'function') return `#${identityOf(value)}`;
  if (typeof value !== 'object' || value === null) return signatureOfPrimitive(value);
  if (Array.isArray(value)) return `[${value.map((item) => signatureOf(item, seen)).join(';')}]`;
  if (!isPlain(value)) return `#${identityOf(value)}`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}=${signatureOf(item, seen)}`)
    .join(';')}}`;
}

function signatureOfTensor(tensor: Tensor, seen: AnyArray[]): string {
  const { dtype, shape, array, tracked, view } = tensor;
  const own = tracked ? `#${identityOf(tensor)}` : '';
  const same = seen.indexOf(array); // one array in two places is one argument
  if (same < 0) seen.push(array);
  const place = view === undefined ? '' : `@${array.length}:${view.offset},${view.strides.join()}`;
  return `${dtype}[${shape.join()}]${place}${own}${same < 0 ? '' : `=${same}`}`;
}

function signatureOfPrimitive(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value); // its own quotes end it
  return `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`;
}

/** A tensor without a gradient as far as a signature goes. */
interface Kind {
  readonly dtype: Tensor['dtype'];
  readonly shape: Tensor['shape'];
}

function isOfKind(value: unknown, { dtype, shape }: Kind): boolean {
  return (
    value instanceof Tensor &&
    value.dtype === dtype &&
    value.view === undefined &&
    !value.tracked &&
    value.shape.length === shape.length &&
    value.shape.every((length, i) => length === shape[i])
  );
}

/** Whether no array is there twice. */
function areApart(tensors: readonly Tensor[]): boolean {
  return tensors.every(({ array }, i) => tensors.findIndex((other) => other.array === array) === i);
}

/** What the arguments of a call have in common with those of another. */
export class Signature {
  readonly text: string;
  /** Where all arguments are tensors without a gradient: quicker to compare than texts. */
  readonly #kinds: readonly Kind[] | undefined;

  constructor(args: readonly unknown[]) {
    this.text = signatureOf(args, []);
    const tensors = args.filter(
      (value): value is Tensor => value instanceof Tensor && !value.tracked && value.view === undefined,
    );
    const kinds = tensors.map(({ dtype, shape }): Kind => ({ dtype, shape }));
    this.#kinds = tensors.length === args.length && areApart(tensors) ? kinds : undefined;
  }

  /** Whether other arguments have surely the same signature. */
  takes(args: readonly unknown[]): boolean {
    const kinds = this.#kinds;
    return (
      kinds !== undefined &&
      kinds.length === args.length &&
      args.every((value, i) => isOfKind(value, kinds[i]!)) &&
      areApart(args as Tensor[])
    );
  }
}
