import { RidgelineError } from '../errors.ts';
import { type Recorder, recording } from '../recorder.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Parameter, type ParameterKind } from './parameter.ts';

/** A parameter of a model, with the dotted path to it. */
export interface NamedParameter {
  readonly name: string;
  readonly parameter: Tensor;
  /** Unknown for a tensor that a model of one's own holds. */
  readonly kind: ParameterKind | undefined;
}

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

/** A leaf with a gradient: not an activation that a layer keeps in a field. */
function isParameter(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad && value.node === undefined;
}
