import { ArgumentError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { convolutionBlock } from './block.ts';
import { Module } from './module.ts';

/** The width that a layer takes; unknown for one that takes any. */
type In<Layer> = Layer extends { readonly inFeatures: infer Width extends number } ? Width : number;

/** The width that a layer gives; that which it got, for one that keeps it; any, for one that changes it by some rule. */
type Out<Layer, Before extends number> = Layer extends { readonly outFeatures: infer Width }
  ? Width extends number
    ? Width
    : number
  : Before;

/** What a layer of the wrong width is asked to be: the message that the compiler shows. */
interface Misfit<Given extends number, Taken extends number> {
  readonly doesNotFit: `a layer with ${Given} outputs cannot feed a layer of ${Taken} inputs`;
}

/** Whether two widths may be one: both the same, or one of them known only at run time. */
type Fits<A extends number, B extends number> = number extends A
  ? true
  : number extends B
    ? true
    : [A] extends [B]
      ? true
      : false;

/** The layers themselves if each takes what the one before it gives, else what is wrong. */
type Chain<Layers extends readonly Module[], Width extends number = number> = Layers extends readonly [
  infer First extends Module,
  ...infer Rest extends readonly Module[],
]
  ? Fits<Width, In<First>> extends true
    ? readonly [First, ...Chain<Rest, Out<First, Width>>]
    : readonly [Misfit<Width, In<First>>, ...Rest]
  : Layers;

/**
 * Layers one after the other, named `0`, `1`, … A layer that does not take as many features as the
 * one before it gives is a type error, and an error when it is constructed. A convolution that ReLU and max
 * pooling follow is computed with them, in half the time.
 *
 * @example
 * const model = new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 10));
 */
export class Sequential<const Layers extends readonly Module[]> extends Module {
  readonly layers: Layers;

  constructor(...layers: Layers extends Chain<Layers> ? Layers : Chain<Layers>);
  constructor(...layers: Layers) {
    super();
    checkWidths(layers);
    this.layers = layers;
  }

  override namedChildren(): (readonly [name: string, child: Module])[] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }

  override forward(x: Tensor): Tensor {
    let out = x;
    for (let i = 0; i < this.layers.length;) {
      const block = convolutionBlock(this.layers, i);
      out = (block ?? this.layers[i]!).forward(out);
      i += block?.length ?? 1;
    }
    return out;
  }
}

function width(layer: Module, field: 'inFeatures' | 'outFeatures'): number | undefined {
  const value: unknown = field in layer ? Reflect.get(layer, field) : undefined;
  return typeof value === 'number' ? value : undefined;
}

function checkWidths(layers: readonly Module[]): void {
  let given: number | undefined;
  for (const [i, layer] of layers.entries()) {
    if (!(layer instanceof Module)) {
      throw new ArgumentError('ERR_TYPE', 'nn.Sequential', `layers[${i}]`, 'a layer', layer);
    }
    const taken = width(layer, 'inFeatures');
    if (given !== undefined && taken !== undefined && given !== taken) {
      const expected = `a layer of ${given} inputs, for the one before it has ${given} outputs`;
      throw new ArgumentError(
        'ERR_SHAPE',
        'nn.Sequential',
        `layers[${i}]`,
        expected,
        `${layer.constructor.name} of ${taken} inputs`,
      );
    }
    if ('outFeatures' in layer) given = width(layer, 'outFeatures');
  }
}
