import { KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { bindUpdate, type FloatArray, layout, optimizers, type OptimizerSpec } from '../native.ts';
import { alike, floats } from './arrays.ts';
import { ControlBlock, type Decay, specOf, type UpdateStats } from './control.ts';
import { withExec } from './exec.ts';
import {
  type AdamOptions,
  checkNesterov,
  checkStep,
  keysOf,
  type OwnOptions,
  type SgdOptions,
  type UpdateOptions,
  writeCommon,
  writeOwn,
} from './options.ts';

/** Optimizers that {@link bind} knows by their names alone. */
export type OwnKind = 'nadam' | 'radam' | 'adamax' | 'adagrad' | 'adadelta' | 'rmsprop' | 'lion' | 'ftrl';

/** Arrays of {@link bind}, all of one type and length. */
export interface SgdArrays {
  readonly weights: FloatArray;
  readonly grads: FloatArray;
  /** Needed with momentum; zeros before the first step. */
  readonly momentumBuffer?: FloatArray;
}

/** Arrays of {@link bind}, all of one type and length. */
export interface AdamArrays {
  readonly weights: FloatArray;
  readonly grads: FloatArray;
  /** First moment; zeros before the first step. */
  readonly m: FloatArray;
  /** Second moment; zeros before the first step. */
  readonly v: FloatArray;
  /** AMSGrad's largest second moment; its presence chooses AMSGrad. */
  readonly vMax?: FloatArray;
}

/** Arrays of {@link bind} for an optimizer that is known by its name: its state by name, where it has some. */
export interface OwnArrays {
  readonly weights: FloatArray;
  readonly grads: FloatArray;
  /** Zeros before the first step, or what the optimizer's accumulators start from. */
  readonly [state: string]: FloatArray | undefined;
}

/** An update bound to its arrays: called with the options of a step. */
export type BoundUpdate<Options> = (options: Options) => UpdateStats;

/** A kind of update: an optimizer, and where weight decay acts unless the options say it. */
interface Kind<Options> {
  readonly spec: OptimizerSpec;
  readonly decay: Decay;
  readonly keys: KnownKeys;
  /** The number of a step, from 1, by its options; undefined where the control block counts. */
  step(owner: string, options: Options, hasState: boolean): number | undefined;
}

/** One block serves every call of a function: a call reads it before JS runs again. */
const control = new ControlBlock(1, 1);

function kindOf<Options>(name: string, decay: Decay, step: Kind<Options>['step']): Kind<Options> {
  const spec = specOf(name);
  return { spec, decay, keys: keysOf(spec), step };
}

const adamStep = (owner: string, { step }: AdamOptions): number => checkStep(owner, step);

const kinds = {
  sgd: kindOf('sgd', 'coupled', (owner, options: SgdOptions, hasBuffer) => {
    checkNesterov(owner, options);
    checkSgdState(owner, options, hasBuffer);
    return options.step === undefined ? 2 : checkStep(owner, options.step);
  }),
  adam: kindOf('adam', 'coupled', adamStep),
  adamw: kindOf('adam', 'decoupled', adamStep),
};

/** Every other optimizer of the table, by its name. */
const ownKinds = new Map(
  layout.optimizers
    .filter(({ name }) => !Object.hasOwn(kinds, name))
    .map(({ name }) => [
      name,
      kindOf(name, 'coupled', (owner, { step }: OwnOptions) =>
        step === undefined ? undefined : checkStep(owner, step),
      ),
    ]),
);

/** Writes the options of one step into `block`, each checked. */
function write<Options extends UpdateOptions>(
  owner: string,
  kind: Kind<Options>,
  { block, hasState }: { readonly block: ControlBlock; readonly hasState: boolean },
  options: Options,
): void {
  kind.keys.check(owner, options);
  const { numbers } = block;
  writeCommon(numbers, 0, owner, options, kind);
  writeOwn(numbers, 0, owner, options, kind.spec);
  const step = kind.step(owner, options, hasState);
  if (step !== undefined) block.writeSegment(0, 0, step - 1);
}

/** Momentum needs a buffer, and dampening the number of the step. */
function checkSgdState(
  owner: string,
  { momentum = 0, dampening = 0, step }: SgdOptions,
  hasBuffer: boolean,
): void {
  if (momentum !== 0 && !hasBuffer) {
    const fix = 'Pass zeros of the length of `weights` and keep them from step to step.';
    const expected = 'an array where there is momentum';
    throw new ArgumentError('ERR_OPTION', owner, 'momentumBuffer', expected, undefined, fix);
  }
  if (dampening !== 0 && step === undefined) {
    const fix = 'The first step sets the buffer to the whole gradient.';
    throw new ArgumentError('ERR_OPTION', owner, 'step', 'given where there is dampening', undefined, fix);
  }
}

type Arrays = readonly [FloatArray, FloatArray, ...state: (FloatArray | undefined)[]];

function update<Options extends UpdateOptions>(
  owner: string,
  kind: Kind<Options>,
  arrays: Arrays,
  options: Options,
): UpdateStats {
  const [weights, grads, first, second, third] = arrays;
  write(owner, kind, { block: control, hasState: first !== undefined }, options);
  const step = optimizers[kind.spec.name]!.step;
  try {
    // The addon checks every array; what looks empty to it may be detached.
    if (weights.length === 0) checkArrays(owner, kind, arrays);
    withExec(owner, options, () => step(control.numbers, weights, grads, first, second, third));
  } catch (error) {
    checkArrays(owner, kind, arrays); // the same fault in the words of this call
    throw error;
  }
  return control.stats(1);
}

function checkArrays(owner: string, { spec }: { readonly spec: OptimizerSpec }, arrays: Arrays): void {
  const [weights, grads, ...state] = arrays;
  floats(owner, 'weights', weights);
  alike(owner, 'grads', grads, weights, 'weights');
  state.forEach((array, i) => {
    if (array !== undefined || i < spec.required) alike(owner, spec.state[i]!, array!, weights, 'weights');
  });
}

/**
 * One step of stochastic gradient descent, in place: coupled decay and penalty, momentum, step,
 * decoupled decay, prox, and the figures of {@link UpdateStats}, in one pass over memory.
 *
 * @param momentumBuffer needed with momentum, else leave it out; zeros before the first step.
 * @throws {ArgumentError} before anything is written, if an array or an option is wrong.
 */
export function sgd(
  weights: FloatArray,
  grads: FloatArray,
  options: SgdOptions,
  momentumBuffer?: FloatArray,
): UpdateStats {
  return update('kernels.sgd', kinds.sgd, [weights, grads, momentumBuffer], options);
}

/**
 * One step of Adam, in place, with `weightDecay` coupled into the gradient as PyTorch's Adam does.
 *
 * @param vMax AMSGrad's largest second moment; its presence chooses AMSGrad.
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 */
export function adam(
  weights: FloatArray,
  grads: FloatArray,
  m: FloatArray,
  v: FloatArray,
  options: AdamOptions,
  vMax?: FloatArray,
): UpdateStats {
  return update('kernels.adam', kinds.adam, [weights, grads, m, v, vMax], options);
}

/**
 * One step of AdamW, in place: Adam with `weightDecay` decoupled, w ← w(1 − lr·`weightDecay`).
 * `weightDecay` is 0 unless given (`optim.AdamW` has PyTorch's .01).
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 * @example
 * const w = Float32Array.of(1, 0.01);
 * const [g, m, v] = [new Float32Array(2), new Float32Array(2), new Float32Array(2)];
 * adamw(w, g, m, v, { step: 1, lr: 0.1, l1: 0.5 }).zeros; // 1: w is now [0.95, 0]
 */
export function adamw(
  weights: FloatArray,
  grads: FloatArray,
  m: FloatArray,
  v: FloatArray,
  options: AdamOptions,
  vMax?: FloatArray,
): UpdateStats {
  return update('kernels.adamw', kinds.adamw, [weights, grads, m, v, vMax], options);
}

/**
 * Checks arrays once and binds an update to them: the same numbers as the plain call, at a
 * fraction of its cost. Arrays over a SharedArrayBuffer are not looked at again; others are, at
 * each call, for they may have been detached or resized.
 *
 * Every optimizer of `optim` can be bound by its name in lower case, with its state as it names it;
 * the arrays of state that are given choose variants, as `vMax` chooses AMSGrad. What such a binding
 * carries beside arrays (the steps taken, NAdam's product) starts anew at step 1.
 *
 * @example
 * const step = bind('adamw', { weights, grads, m, v });
 * for (let t = 1; t <= 100; t++) step({ step: t, lr: 1e-3 });
 * const centered = bind('rmsprop', { weights, grads, squareAvg, gradAvg });
 * centered({ lr: 1e-2, alpha: 0.9 });
 */
export function bind(kind: 'sgd', arrays: SgdArrays): BoundUpdate<SgdOptions>;
export function bind(kind: 'adam' | 'adamw', arrays: AdamArrays): BoundUpdate<AdamOptions>;
export function bind(kind: OwnKind, arrays: OwnArrays): BoundUpdate<OwnOptions>;
export function bind(
  name: 'sgd' | 'adam' | 'adamw' | OwnKind,
  arrays: SgdArrays | AdamArrays | OwnArrays,
): BoundUpdate<SgdOptions> | BoundUpdate<AdamOptions> | BoundUpdate<OwnOptions> {
  const owner = 'kernels.bind';
  oneOf(owner, 'kind', name, ['sgd', 'adam', 'adamw', ...ownKinds.keys()]);
  if (name === 'sgd') return boundTo(name, kinds.sgd, arrays);
  if (name === 'adam' || name === 'adamw') return boundTo(name, kinds[name], arrays);
  return boundTo(name, ownKinds.get(name)!, arrays);
}

function boundTo<Options extends UpdateOptions>(
  name: string,
  kind: Kind<Options>,
  given: SgdArrays | AdamArrays | OwnArrays,
): BoundUpdate<Options> {
  const { spec } = kind;
  new KnownKeys(['weights', 'grads', ...spec.state]).check('kernels.bind', given);
  const state = spec.state.map((array) => (given as OwnArrays)[array]);
  const arrays: Arrays = [given.weights, given.grads, ...state];
  const owner = `kernels.${name}`;
  checkArrays(owner, kind, arrays);
  const block = new ControlBlock(1, 1);
  const all = Array.from({ length: 2 + layout.maxState }, (_, i) => arrays[i]);
  const run = bindUpdate(spec.name, block.numbers, all);
  const place = { block, hasState: state[0] !== undefined };
  return (options) => {
    write(owner, kind, place, options);
    if (options.isa === undefined && options.threads === undefined) run();
    else withExec(owner, options, run);
    return block.stats(1);
  };
}
