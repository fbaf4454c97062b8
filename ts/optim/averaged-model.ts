import { KnownKeys, oneOf, probability, whole } from '../check.ts';
import { ArgumentError, RidgelineError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { type LoadedState, Module, type NamedParameter } from '../nn/index.ts';
import { recording } from '../recorder.ts';
import type { TensorArray } from '../tensor/dtype.ts';
import { allocateShared } from '../tensor/memory.ts';
import { noGrad, Tensor } from '../tensor/tensor.ts';
import { floatDType, ownData } from '../tensor/value.ts';

/** How the weights of a training are averaged. */
export interface AverageOptions {
  /**
   * `ema`: average ← decay·average + (1 − decay)·weights; `swa`: average ← average + (weights −
   * average)/(n + 1), all alike. `swa` unless given, as in PyTorch.
   */
  readonly kind?: 'ema' | 'swa';
  /** Of `ema`, from 0 to 1; .999 unless given. */
  readonly decay?: number;
  /** The first update that counts, from 1: until then the average is a copy of the weights; 1 unless given. */
  readonly start?: number;
}

const known = new KnownKeys(['kind', 'decay', 'start']);
const EQUAL = -1; // the decay of no decay
const COUNT = 'n_averaged';
const one = Float64Array.of(1);
/** A guard that lets everything through. */
const open = Float64Array.of(0);

/** A parameter, and the average of what it was. */
interface Pair extends NamedParameter {
  readonly weights: FloatArray;
  readonly average: FloatArray;
  readonly averaged: Tensor;
}

/**
 * A model whose weights are averages of another one's over its training, which often predict better
 * (`torch.optim.swa_utils.AveragedModel`). `forward` computes with the averages, without a gradient; the
 * training weights keep every bit. An average of weights is hardly ever exactly 0. Buffers, such as running
 * statistics, are those of the model.
 *
 * @see Izmailov et al. 2018, arXiv:1803.05407; Polyak & Juditsky 1992, https://doi.org/10.1137/0330046
 * @example
 * const averaged = new optim.AveragedModel(model, { kind: 'ema', decay: 0.999 });
 * for (const { x, y } of batches) {
 *   step(x, y);
 *   averaged.updateParameters();
 * }
 * evaluate(averaged, validation, loss);
 */
export class AveragedModel extends Module {
  readonly #model: Module;
  readonly #pairs: readonly Pair[];
  readonly #decay: number;
  readonly #start: number;
  /** Updates so far: native code counts them. */
  readonly #updates = allocateShared('float64', 1) as Float64Array;
  readonly #count = new Tensor({ data: this.#updates, shape: [], dtype: 'float64', requiresGrad: false });
  /** Whether the averages are in the model and its weights here: by `swap`, or while `use` runs. */
  #swapped = false;
  #inUse = false;

  constructor(model: Module, options: AverageOptions = {}) {
    super();
    if (!(model instanceof Module)) {
      throw new ArgumentError('ERR_TYPE', 'optim.AveragedModel', 'model', 'a module', model);
    }
    const { decay, start } = checkAverage('optim.AveragedModel', options);
    this.#model = model;
    this.#decay = decay;
    this.#start = start;
    this.#pairs = model.describeParameters().map(({ name, kind, parameter }) => {
      const dtype = floatDType(parameter);
      const average = allocateShared(dtype, parameter.size);
      const weights = ownData('optim.AveragedModel', name, parameter);
      average.set(weights);
      const init = { data: average, shape: parameter.shape, dtype, requiresGrad: false };
      return { name, kind, parameter, weights, average, averaged: new Tensor(init) };
    });
  }

  /** How many states of the weights are in the average. */
  get nAveraged(): number {
    const updates = recording.now?.looks('nAveraged') ?? this.#updates[0]!;
    return Math.max(0, updates - this.#start + 1);
  }

  /**
   * Takes the weights as they are now into the averages: after each step (`ema`), or after each epoch
   * of the last part of a training (`swa`).
   *
   * @param guard one number: nothing happens where it is NaN, for loops that native code runs alone.
   * @throws {RidgelineError} `ERR_STATE` while the averages are in the model.
   */
  updateParameters(guard: Float64Array = open): void {
    if (this.#isInModel()) refuse('updateParameters()');
    for (const { weights, average } of this.#pairs) {
      ops['average']!(guard, this.#updates, weights, average, weights.length, this.#decay, this.#start);
    }
    ops['add_guarded']!(guard, one, this.#updates, 1);
  }

  /** What the model makes of `x` with the averages as its weights; no gradient flows. */
  override forward(x: Tensor): Tensor {
    return this.use(() => this.#model.forward(x));
  }

  /**
   * What `body` returns, run while the averages are the model's weights, without recording gradients.
   *
   * @throws {ArgumentError} `ERR_TYPE` if `body` is asynchronous: the weights are back by then.
   */
  use<T>(body: () => T): T {
    if (this.#isInModel()) return noGrad(body);
    let result: T;
    this.#exchange();
    this.#inUse = true;
    try {
      result = noGrad(body);
    } finally {
      this.#inUse = false;
      this.#exchange();
    }
    if (!(result instanceof Promise)) return result;
    const owner = 'optim.AveragedModel.use';
    throw new ArgumentError('ERR_TYPE', owner, 'body', 'a synchronous function', 'an asynchronous one');
  }

  /** Puts the averages into the model, and its weights here; the next call puts both back. */
  swap(): void {
    recording.now?.changes('which weights a model has');
    if (this.#inUse) refuse('swap()');
    this.#exchange();
    this.#swapped = !this.#swapped;
    for (const { parameter } of this.#pairs) parameter.changed();
  }

  /** The averages, under the names of the model's parameters. */
  override describeParameters(): NamedParameter[] {
    const inModel = this.#isInModel();
    return this.#pairs.map(({ name, kind, parameter, averaged }) => {
      return { name, kind, parameter: inModel ? parameter : averaged };
    });
  }

  /** Those of the model. */
  override namedBuffers(): (readonly [name: string, buffer: Tensor])[] {
    return this.#model.namedBuffers();
  }

  /** The averages and the buffers by the names of the model's state, and `n_averaged`: updates so far. */
  override stateDict(): Record<string, Tensor> {
    recording.now?.looks('stateDict');
    const averages = new Map(this.#pairs.map(({ weights, averaged }) => [weights as TensorArray, averaged]));
    const inModel = this.#isInModel();
    const state = Object.entries(this.#model.stateDict()).map(([name, tensor]) => {
      const averaged = averages.get(tensor.array);
      return [name, inModel || averaged === undefined ? tensor : averaged.detach()];
    });
    return Object.fromEntries([...state, [COUNT, this.#count]]) as Record<string, Tensor>;
  }

  /** Copies averages, buffers and `n_averaged` from a state, as any module does; the weights stay as they are. */
  override loadStateDict(
    state: Readonly<Record<string, Tensor>>,
    options: { readonly strict?: boolean } = {},
  ): LoadedState {
    const { [COUNT]: count, ...others } = state;
    if (count === undefined && options.strict !== false) {
      throw new RidgelineError('ERR_STATE', `loadStateDict: the state does not fit. missing: ${COUNT}.`);
    }
    const { missing, unexpected } = this.use(() => this.#model.loadStateDict(others, options));
    if (count === undefined) return { missing: [...missing, COUNT], unexpected };
    this.#updates[0] = count.item();
    return { missing, unexpected };
  }

  /** The mode of the model: its layers are the same. */
  override get training(): boolean {
    return this.#model.training;
  }

  /** Puts the model into training mode, or out of it. */
  override train(mode = true): this {
    this.#model.train(mode);
    return this;
  }

  #exchange(): void {
    for (const { weights, average } of this.#pairs) ops['exchange']!(weights, average, weights.length);
  }

  #isInModel(): boolean {
    const swapped = this.#swapped;
    recording.now?.relies(() => this.#swapped === swapped);
    return swapped || this.#inUse;
  }
}

function refuse(call: string): never {
  throw new RidgelineError(
    'ERR_STATE',
    `optim.AveragedModel: the averages are in the model. Call swap(), or leave use(), before ${call}.`,
  );
}

/** The numbers that native code knows an average by, each option checked; errors name `place` before it. */
export function checkAverage(
  owner: string,
  options: AverageOptions,
  place = '',
): { readonly decay: number; readonly start: number } {
  known.check(owner, options);
  const kind = oneOf(owner, `${place}kind`, options.kind ?? 'swa', ['ema', 'swa']);
  const start = whole(owner, `${place}start`, options.start ?? 1, 1);
  const name = `${place}decay`;
  if (kind === 'ema') return { start, decay: probability(owner, name, options.decay ?? 0.999) };
  if (options.decay === undefined) return { start, decay: EQUAL };
  const fix = "All states count alike in 'swa'. Did you mean kind: 'ema'?";
  throw new ArgumentError('ERR_OPTION', owner, name, "left out for kind 'swa'", options.decay, fix);
}
