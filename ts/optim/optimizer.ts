import { ControlBlock, GROUP, type UpdateStats } from '../kernels/control.ts';
import { bindUpdate, type FloatArray, layout, ops } from '../native.ts';
import { type Recorder, recording } from '../recorder.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, floatDType, ownData } from '../tensor/value.ts';
import { type GroupInput, type GroupOptions, makeGroups, type ParamGroup, writeGroup } from './group.ts';

const ARRAYS = 2 + layout.maxState;
const nothing = Array.from({ length: ARRAYS }, () => undefined);

/** Five arrays a parameter: weights, gradient, state; all undefined where there is no gradient. */
type Arrays = readonly (FloatArray | undefined)[];

/**
 * Updates parameters by their gradients. A step is one native call over all of them, whatever the
 * number of layers and groups, in one pass over memory with decay, penalty and prox in it.
 */
export abstract class Optimizer<Options extends GroupOptions> {
  /** Groups of parameters with their options; every option may be changed between steps. */
  readonly paramGroups: readonly ParamGroup<Options>[];
  readonly #owner: string;
  readonly #native: string;
  /** The groups' options, and a row for each parameter: how many steps it took, what the last one saw. */
  readonly #control: ControlBlock;
  /** The options of all groups as native code reads them: what {@link writeOptions} writes. */
  readonly options: Float64Array;
  readonly #params: readonly Tensor[];
  readonly #state = new Map<Tensor, (FloatArray | undefined)[]>();
  /** What the last step returned while a function was captured. */
  #told: { readonly recorder: Recorder; readonly stats: UpdateStats; readonly step: number } | undefined;
  /** Copies of the control block after all but the last step of a captured function. */
  readonly #aside: FloatArray[] = [];
  #bound: { readonly arrays: Arrays; readonly run: () => void } | undefined;

  protected constructor(
    owner: string,
    native: string,
    params: readonly Tensor[] | readonly GroupInput<Options>[],
    defaults: Options,
    options: Partial<Options>,
  ) {
    this.#owner = owner;
    this.#native = native;
    this.paramGroups = makeGroups(owner, params, defaults, options);
    this.#params = this.paramGroups.flatMap(({ params: list }) => list);
    this.#control = new ControlBlock(this.paramGroups.length, this.#params.length);
    this.options = this.#control.numbers.subarray(0, this.paramGroups.length * GROUP);
    let segment = 0;
    this.paramGroups.forEach((group, g) => {
      for (const _ of group.params) this.#control.writeSegment(segment++, g, 0);
    });
    this.writeOptions();
  }

  /** Writes the optimizer's own options into a control block behind the common ones, each checked. */
  protected abstract writeOwn(
    numbers: Float64Array,
    base: number,
    owner: string,
    group: ParamGroup<Options>,
  ): void;

  /** Which arrays of state this group needs, in the order of the native table. */
  protected abstract needs(group: ParamGroup<Options>): readonly boolean[];

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const group of this.paramGroups) for (const param of group.params) param.grad = null;
  }

  /**
   * Updates every parameter that has a gradient, in place, and returns what it saw in them. A
   * parameter without one is left as it is, decay included.
   *
   * @throws {ArgumentError} before anything changes, if an option has become wrong or an array is gone.
   */
  step(): UpdateStats {
    const arrays = this.#arrays();
    const run = this.#bind(arrays);
    this.#keepStats();
    this.writeOptions();
    recording.now?.before(() => this.writeOptions(), this.options);
    run();
    this.#params.forEach((param, i) => {
      if (arrays[i * ARRAYS] !== undefined) param.changed();
    });
    const seen = (): UpdateStats => this.#control.stats(this.#params.length);
    const stats = seen();
    const recorder = recording.now;
    if (recorder === undefined) return stats;
    const step = this.#told?.recorder === recorder ? this.#told.step + 1 : 0;
    this.#told = { recorder, stats, step };
    recorder.outcome(stats, seen);
    return stats;
  }

  /** Before a second step of one captured function: what the first one saw is put aside. */
  #keepStats(): void {
    const told = this.#told;
    if (told === undefined || told.recorder !== recording.now) return;
    const { numbers } = this.#control;
    const aside = (this.#aside[told.step] ??= allocateShared('float64', numbers.length));
    ops['affine']!(numbers, aside, numbers.length, 1, 0);
    told.recorder.outcome(told.stats, () => this.#control.stats(this.#params.length, aside));
  }

  /**
   * Writes what the last step saw into `totals`, six numbers: penalty, ‖g‖², ‖Δw‖², ‖w‖², zeros, near
   * zeros; for loops that native code runs alone.
   */
  totals(totals: Float64Array): void {
    const { numbers } = this.#control;
    ops['update_totals']!(numbers, totals, this.paramGroups.length, this.#params.length);
  }

  /**
   * Lets the next step leave everything as it is (weights, state, steps taken, figures) if `guard`, one
   * number, is NaN by then; for loops that native code runs alone.
   */
  hold(guard: Float64Array): void {
    ops['hold']!(guard, this.#control.numbers, this.paramGroups.length, this.#params.length);
  }

  /** Writes the options of all groups where native code reads them, checked, as a step does first. */
  writeOptions(): void {
    const { numbers } = this.#control;
    this.paramGroups.forEach((group, g) => {
      writeGroup(numbers, g * GROUP, this.#owner, group);
      this.writeOwn(numbers, g * GROUP, this.#owner, group);
    });
  }

  #arrays(): Arrays {
    const arrays: (FloatArray | undefined)[] = [];
    for (const group of this.paramGroups) {
      const needed = this.needs(group);
      recording.now?.relies(() => this.needs(group).every((need, i) => need === needed[i]));
      for (const param of group.params) {
        const { grad } = param;
        if (grad === null) {
          arrays.push(...nothing);
          continue;
        }
        const weights = ownData(this.#owner, 'params', param);
        arrays.push(weights, floatData(this.#owner, 'grad', grad), ...this.#stateOf(param, needed));
      }
    }
    return arrays;
  }

  /** The arrays of state of a parameter, made when they are first needed. */
  #stateOf(param: Tensor, needed: readonly boolean[]): Arrays {
    let state = this.#state.get(param);
    if (state === undefined) this.#state.set(param, (state = []));
    for (let i = 0; i < needed.length; i++) {
      if (needed[i]!) state[i] ??= allocateShared(floatDType(param), param.size);
    }
    return Array.from({ length: layout.maxState }, (_, i) => (needed[i] === true ? state[i] : undefined));
  }

  /** The update bound to these arrays: the last one, if they are the same. */
  #bind(arrays: Arrays): () => void {
    const last = this.#bound;
    if (last !== undefined && last.arrays.every((array, i) => array === arrays[i])) return last.run;
    const run = bindUpdate(this.#native, this.#control.numbers, arrays);
    this.#bound = { arrays, run };
    return run;
  }
}
