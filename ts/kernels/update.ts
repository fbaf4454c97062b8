import { KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { bindUpdate, type FloatArray, optimizers, type OptimizerSpec } from '../native.ts';
import { alike, floats } from './arrays.ts';
import { ControlBlock, type Decay, specOf, type UpdateStats } from './control.ts';
import { type ExecOptions, withExec } from './exec.ts';
import {
  type AdamOptions,
  adamKeys,
  checkStep,
  type SgdOptions,
  sgdKeys,
  writeAdam,
  writeCommon,
  writeSgd,
} from './options.ts';

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

/** An update bound to its arrays: called with the options of a step. */
export type BoundUpdate<Options> = (options: Options) => UpdateStats;

interface Kind<Options> {
  readonly spec: OptimizerSpec;
  readonly keys: KnownKeys;
  /** Writes the options of one step into the block, checked. */
  write(owner: string, options: Options, hasState: boolean): void;
}

/** One block serves every call: a call reads it before JS runs again. */
const control = new ControlBlock(1, 1);

const { numbers } = control;

function adamKind(decay: Decay): Kind<AdamOptions> {
  return {
    spec: specOf('adam'),
    keys: adamKeys,
    write(owner, options) {
      writeCommon(numbers, 0, owner, options, decay);
      writeAdam(numbers, 0, owner, options);
      control.writeSegment(0, 0, checkStep(owner, options.step) - 1);
    },
  };
}

const kinds = {
  sgd: {
    spec: specOf('sgd'),
    keys: sgdKeys,
    write(owner: string, options: SgdOptions, hasBuffer: boolean) {
      writeCommon(numbers, 0, owner, options, 'coupled');
      writeSgd(numbers, 0, owner, options);
      checkSgdState(owner, options, hasBuffer);
      control.writeSegment(0, 0, options.step === undefined ? 1 : checkStep(owner, options.step) - 1);
    },
  } satisfies Kind<SgdOptions>,
  adam: adamKind('coupled'),
  adamw: adamKind('decoupled'),
};

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

function update<Options extends ExecOptions>(
  owner: string,
  kind: Kind<Options>,
  arrays: Arrays,
  options: Options,
): UpdateStats {
  const [weights, grads, first, second, third] = arrays;
  kind.keys.check(owner, options);
  kind.write(owner, options, first !== undefined);
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
 * @example
 * const step = bind('adamw', { weights, grads, m, v });
 * for (let t = 1; t <= 100; t++) step({ step: t, lr: 1e-3 });
 */
export function bind(kind: 'sgd', arrays: SgdArrays): BoundUpdate<SgdOptions>;
export function bind(kind: 'adam' | 'adamw', arrays: AdamArrays): BoundUpdate<AdamOptions>;
export function bind(
  kind: 'sgd' | 'adam' | 'adamw',
  arrays: SgdArrays | AdamArrays,
): BoundUpdate<SgdOptions> | BoundUpdate<AdamOptions> {
  const owner = 'kernels.bind';
  oneOf(owner, 'kind', kind, ['sgd', 'adam', 'adamw']);
  new KnownKeys(['weights', 'grads', ...kinds[kind].spec.state]).check(owner, arrays);
  if (kind === 'sgd') {
    const buffer = 'momentumBuffer' in arrays ? arrays.momentumBuffer : undefined;
    return boundTo('kernels.sgd', kinds.sgd, [arrays.weights, arrays.grads, buffer]);
  }
  if (!('m' in arrays)) throw new ArgumentError('ERR_TYPE', owner, 'm', 'an array', undefined);
  const { weights, grads, m, v, vMax } = arrays;
  return boundTo(`kernels.${kind}`, kinds[kind], [weights, grads, m, v, vMax]);
}

function boundTo<Options extends ExecOptions>(
  owner: string,
  kind: Kind<Options>,
  arrays: Arrays,
): BoundUpdate<Options> {
  checkArrays(owner, kind, arrays);
  const [weights, grads, first, second, third] = arrays;
  const run = bindUpdate(kind.spec.name, control.numbers, [weights, grads, first, second, third]);
  const hasState = first !== undefined;
  return (options) => {
    kind.keys.check(owner, options);
    kind.write(owner, options, hasState);
    if (options.isa === undefined && options.threads === undefined) run();
    else withExec(owner, options, run);
    return control.stats(1);
  };
}
