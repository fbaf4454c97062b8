import { ArgumentError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

function layerOf(owner: string, name: string, layer: unknown): Module {
  if (layer instanceof Module) return layer;
  throw new ArgumentError('ERR_TYPE', owner, name, 'a layer', layer);
}

function noForward(owner: string): never {
  throw new ArgumentError('ERR_STATE', owner, 'this', 'called layer by layer', 'a call of forward()');
}

/** Layers in a list, named `0`, `1`, …: their parameters are those of the model that holds it. */
export class ModuleList<Layer extends Module = Module> extends Module implements Iterable<Layer> {
  readonly #layers: Layer[];

  constructor(layers: Iterable<Layer> = []) {
    super();
    this.#layers = [...layers];
    for (const [i, layer] of this.#layers.entries()) layerOf('nn.ModuleList', `layers[${i}]`, layer);
  }

  /** How many there are. */
  get length(): number {
    return this.#layers.length;
  }

  /** The layer at `index`, negative from the end. */
  at(index: number): Layer | undefined {
    return this.#layers.at(index);
  }

  /** Adds a layer behind the others. */
  append(layer: Layer): this {
    layerOf('nn.ModuleList', 'layer', layer);
    this.#layers.push(layer);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Layer> {
    return this.#layers.values();
  }

  override namedChildren(): (readonly [name: string, child: Module])[] {
    return this.#layers.map((layer, i) => [String(i), layer]);
  }

  override forward(): Tensor {
    return noForward('nn.ModuleList');
  }
}

/** Layers by name: their parameters are those of the model that holds it. */
export class ModuleDict<Layer extends Module = Module> extends Module {
  readonly #layers: Map<string, Layer>;

  constructor(layers: Readonly<Record<string, Layer>> = {}) {
    super();
    this.#layers = new Map(Object.entries(layers));
    for (const [name, layer] of this.#layers) layerOf('nn.ModuleDict', name, layer);
  }

  /** The layer called `name`. */
  get(name: string): Layer | undefined {
    return this.#layers.get(name);
  }

  /** Adds a layer, or puts it in the place of that of this name. */
  set(name: string, layer: Layer): this {
    layerOf('nn.ModuleDict', name, layer);
    this.#layers.set(name, layer);
    return this;
  }

  /** Names and layers, in the order in which they were added. */
  entries(): IterableIterator<[string, Layer]> {
    return this.#layers.entries();
  }

  override namedChildren(): (readonly [name: string, child: Module])[] {
    return [...this.#layers];
  }

  override forward(): Tensor {
    return noForward('nn.ModuleDict');
  }
}
