import { flag, KnownKeys } from '../check.ts';
import { RidgelineError } from '../errors.ts';
import { type Recorder, recording } from '../recorder.ts';
import { showShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { elementsOf } from '../tensor/value.ts';
import { Buffer } from './buffer.ts';
import { Parameter, type ParameterKind } from './parameter.ts';

/** A parameter of a model, with the dotted path to it. */
export interface NamedParameter {
  readonly name: string;
  readonly parameter: Tensor;
  /** Unknown for a tensor that a model of one's own holds. */
  readonly kind: ParameterKind | undefined;
}

/** What {@link Module.loadStateDict} found. */
export interface LoadedState {
  /** Names of the model that the state did not have. */
  readonly missing: readonly string[];
  /** Names of the state that the model does not have. */
  readonly unexpected: readonly string[];
}

const loadKeys = new KnownKeys(['strict']);

/**
 * A layer or a model. A class of one's own assigns parameters and layers to fields, and says in
 * `forward` what it computes; names and parameters are found by themselves.
 */
export abstract class Module {
  #training = true;
  /** The recording of a function that chose the mode itself. */
  #chosenIn: Recorder | undefined;

  /** Whether layers behave as in training: set by {@link train} and {@link eval}. */
  get training(): boolean {
    const training = this.#training;
    if (this.#chosenIn !== recording.now) recording.now?.relies(() => this.#training === training);
    return training;
  }

  /** What the layer makes of `x`. */
  abstract forward(x: Tensor): Tensor;

  /** Its layers by the names of their fields. */
  namedChildren(): (readonly [name: string, child: Module])[] {
    return Object.entries(this).filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  /** Every parameter once, with its dotted path, outermost layer first. */
  namedParameters(): (readonly [name: string, parameter: Tensor])[] {
    return this.describeParameters().map(({ name, parameter }) => [name, parameter]);
  }

  /** Every parameter once. */
  parameters(): Tensor[] {
    return this.describeParameters().map(({ parameter }) => parameter);
  }

  /** Every parameter once, with its path and kind. */
  describeParameters(): NamedParameter[] {
    const seen = new Set<Tensor>();
    return this.#walk('').filter(({ parameter }) => !seen.has(parameter) && seen.add(parameter));
  }

  #walk(prefix: string): NamedParameter[] {
    const own = Object.entries(this)
      .filter((entry): entry is [string, Tensor] => isParameter(entry[1]))
      .map(([name, parameter]) => {
        const kind = parameter instanceof Parameter ? parameter.kind : undefined;
        return { name: prefix + name, parameter, kind };
      });
    return [...own, ...this.namedChildren().flatMap(([name, child]) => child.#walk(`${prefix}${name}.`))];
  }

  /** What it keeps beside parameters, each with its dotted path. */
  namedBuffers(): (readonly [name: string, buffer: Tensor])[] {
    return this.#buffers('');
  }

  #buffers(prefix: string): (readonly [name: string, buffer: Tensor])[] {
    const own = Object.entries(this)
      .filter((entry): entry is [string, Buffer] => entry[1] instanceof Buffer)
      .map(([name, buffer]) => [prefix + (buffer.key ?? name), buffer] as const);
    return [...own, ...this.namedChildren().flatMap(([name, child]) => child.#buffers(`${prefix}${name}.`))];
  }

  /**
   * Its parameters and buffers by their dotted paths, over the same memory. A parameter that lies at two
   * places stands there twice, as in PyTorch.
   */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries([...this.#state()].map(([name, tensor]) => [name, tensor.detach()]));
  }

  /**
   * Copies numbers into its parameters and buffers, by name. Nothing is copied unless all of it fits.
   *
   * @param options `strict`: whether every name must be on both sides; true unless given.
   * @returns the names that were on one side only.
   * @throws {RidgelineError} `ERR_STATE` that lists missing and unexpected names, and shapes that differ.
   */
  loadStateDict(
    state: Readonly<Record<string, Tensor>>,
    options: { readonly strict?: boolean } = {},
  ): LoadedState {
    loadKeys.check('loadStateDict', options);
    const strict = flag('loadStateDict', 'strict', options.strict ?? true);
    recording.now?.changes('the state of a model');
    const own = this.#state();
    const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
    const unexpected = Object.keys(state).filter((name) => !own.has(name));
    const matched = [...own].filter(([name]) => Object.hasOwn(state, name));
    const faults = matched.flatMap(([name, target]) => misfit(name, target, state[name]));
    if (strict && missing.length > 0) faults.unshift(`missing: ${missing.join(', ')}`);
    if (strict && unexpected.length > 0) faults.push(`unexpected: ${unexpected.join(', ')}`);
    if (faults.length > 0) {
      throw new RidgelineError('ERR_STATE', `loadStateDict: the state does not fit. ${faults.join('; ')}.`);
    }
    const sources = matched.map(([name]) => elementsOf('loadStateDict', name, state[name]!));
    for (const [i, [, target]] of matched.entries()) {
      target.array.set(sources[i]!);
      target.changed();
    }
    return { missing, unexpected };
  }

  /** Everything that is stored, by name. */
  #state(): Map<string, Tensor> {
    const parameters = this.#walk('').map(({ name, parameter }) => [name, parameter] as const);
    return new Map([...parameters, ...this.namedBuffers()]);
  }

  /** Puts this module and its layers into training mode, or out of it. */
  train(mode = true): this {
    const set = (): void => {
      this.#training = mode;
    };
    set();
    this.#chosenIn = recording.now;
    recording.now?.after(set);
    for (const [, child] of this.namedChildren()) child.train(mode);
    return this;
  }

  /** Puts this module and its layers into evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** The parameter called `name`. */
  parameter(name: string): Tensor {
    const found = this.describeParameters().find((entry) => entry.name === name);
    if (found !== undefined) return found.parameter;
    const names = this.namedParameters().map(([known]) => known);
    throw new RidgelineError(
      'ERR_SELECTOR',
      `parameter: there is none called ${name}; there are ${names.join(', ')}.`,
    );
  }
}

/** Why numbers cannot be copied into a parameter; nothing if they can. */
function misfit(name: string, target: Tensor, source: unknown): string[] {
  if (!(source instanceof Tensor)) return [`${name} is no tensor`];
  const [shape, other] = [showShape(target.shape), showShape(source.shape)];
  if (shape !== other) return [`${name} has shape ${shape}, the state ${other}`];
  return target.dtype === source.dtype ? [] : [`${name} is ${target.dtype}, the state ${source.dtype}`];
}

/** A leaf with a gradient: not an activation that a layer keeps in a field. */
function isParameter(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad && value.node === undefined;
}
