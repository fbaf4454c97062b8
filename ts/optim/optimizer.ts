import { ControlBlock, GROUP, specOf, type UpdateStats } from '../kernels/control.ts';
import { writeOwn } from '../kernels/options.ts';
import { bindUpdate, type FloatArray, layout, type OptimizerSpec, ops } from '../native.ts';
import { type Recorder, recording } from '../recorder.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, floatDType, ownData } from '../tensor/value.ts';
import {
  type GroupOptions,
  makeGroups,
  type ParamGroup,
  type Params,
  type PresetOptions,
  type Presets,
  writeGroup,
} from './group.ts';
import {
  checkState,
  groupState,
  type Held,
  type Named,
  namesOf,
  type OptimizerState,
  parameterState,
  restoredGroup,
  restoredParameter,
  restorePenalties,
  type Starts,
} from './state.ts';

const ARRAYS = 2 + layout.maxState;
const nothing = Array.from({ length: ARRAYS }, () => undefined);

/** Five arrays a parameter: weights, gradient, state; all undefined where there is no gradient. */
type Arrays = readonly (FloatArray | undefined)[];

/** A parameter as an optimizer holds it. */
interface Segment<Options> {
  readonly param: Tensor;
  readonly group: ParamGroup<Options>;
  /** Its arrays of state in the order of the native table; one that was never needed is not there. */
  readonly state: (FloatArray | undefined)[];
}

/**
 * Updates parameters by their gradients. A step is one native call over all of them, whatever the
 * number of layers and groups, in one pass over memory with decay, penalty and prox in it.
 */
export abstract class Optimizer<Options extends GroupOptions> {
  /** Groups of parameters with their options; every option may be changed between steps. */
  readonly paramGroups: readonly ParamGroup<Options>[];
  readonly #owner: string;
  readonly #spec: OptimizerSpec;
  /** The groups' options, and a row for each parameter: how many steps it took, what the last one saw. */
  readonly #control: ControlBlock;
  /** The options of all groups as native code reads them: what {@link writeOptions} writes. */
  readonly options: Float64Array;
  readonly #segments: readonly Segment<Options>[];
  /** What the last step returned while a function was captured. */
  #told: { readonly recorder: Recorder; readonly stats: UpdateStats; readonly step: number } | undefined;
  /** Copies of the control block after all but the last step of a captured function. */
  readonly #aside: FloatArray[] = [];
  #bound: { readonly arrays: Arrays; readonly run: () => void } | undefined;

  protected constructor(
    owner: string,
    native: string,
    params: Params<Options>,
    presets: Presets<Options>,
    options: PresetOptions<Options>,
  ) {
    this.#owner = owner;
    this.#spec = specOf(native);
    this.paramGroups = makeGroups(owner, params, presets, options);
    this.#segments = this.paramGroups.flatMap((group) =>
      group.params.map((param) => ({ param, group, state: [] })),
    );
    this.#control = new ControlBlock(this.paramGroups.length, this.#segments.length);
    this.options = this.#control.numbers.subarray(0, this.paramGroups.length * GROUP);
    this.#segments.forEach(({ group }, i) => {
      this.#control.writeSegment(i, this.paramGroups.indexOf(group), 0);
    });
    this.writeOptions();
  }

  /** The options of a group that are the optimizer's own, by the names of the native table. */
  protected own(group: ParamGroup<Options>, _owner: string): object {
    return group;
  }

  /** What each array of state starts from, in the order of the native table; undefined if there is none. */
  protected starts(_group: ParamGroup<Options>): Starts {
    const { state, required } = this.#spec;
    return state.map((_, i) => (i < required ? 0 : undefined));
  }

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
    this.#segments.forEach(({ param }, i) => {
      if (arrays[i * ARRAYS] !== undefined) param.changed();
    });
    const seen = (): UpdateStats => this.#control.stats(this.#segments.length);
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
    told.recorder.outcome(told.stats, () => this.#control.stats(this.#segments.length, aside));
  }

  /**
   * Writes what the last step saw into `totals`, six numbers: penalty, ‖g‖², ‖Δw‖², ‖w‖², zeros, near
   * zeros; for loops that native code runs alone.
   */
  totals(totals: Float64Array): void {
    const { numbers } = this.#control;
    ops['update_totals']!(numbers, totals, this.paramGroups.length, this.#segments.length);
  }

  /**
   * Lets the next step leave everything as it is (weights, state, steps taken, figures) if `guard`, one
   * number, is NaN by then; for loops that native code runs alone.
   */
  hold(guard: Float64Array): void {
    ops['hold']!(guard, this.#control.numbers, this.paramGroups.length, this.#segments.length);
  }

  /** Writes the options of all groups where native code reads them, checked, as a step does first. */
  writeOptions(): void {
    const { numbers } = this.#control;
    this.paramGroups.forEach((group, g) => {
      this.#writeGroup(numbers, g * GROUP, group);
    });
  }

  #writeGroup(numbers: Float64Array, base: number, group: ParamGroup<Options>): void {
    const [spec, owner] = [this.#spec, this.#owner];
    writeGroup(numbers, base, owner, { group, spec });
    writeOwn(numbers, base, owner, this.own(group, owner), spec);
  }

  /**
   * A copy of all that the optimizer knows (options, penalties' strengths, steps taken, arrays of state)
   * under the names that `model` gives the parameters.
   *
   * @throws {ArgumentError} `ERR_STATE` if it does not name one of them.
   * @example
   * const kept = structuredClone(optimizer.stateDict(model));
   */
  stateDict(model: Named): OptimizerState {
    recording.now?.looks(`${this.#owner}.stateDict`);
    const names = this.#names(model);
    return {
      optimizer: this.#spec.name,
      groups: this.paramGroups.map((group) => groupState(group, this.#namesIn(group, names))),
      parameters: Object.fromEntries(
        this.#segments.map((segment, i) => [names[i]!, parameterState(this.#spec, this.#held(segment, i))]),
      ),
    };
  }

  /**
   * Puts the optimizer where it was when `state` was taken: the next steps have the same bits. Parameters
   * are found by their names, whatever their order. Options and the strengths of penalties come from
   * `state` too.
   *
   * @throws {ArgumentError} before anything changes, if groups, names, options or arrays are not those of
   *   this optimizer; it lists what is missing and what is not expected.
   */
  loadStateDict(model: Named, state: OptimizerState): void {
    recording.now?.changes('the state of an optimizer');
    const [owner, spec] = [this.#owner, this.#spec];
    const names = this.#names(model);
    checkState(owner, state, { spec, groups: this.paramGroups.map((group) => this.#namesIn(group, names)) });
    const scratch = new Float64Array(GROUP);
    const restored = this.paramGroups.map((group, g) => {
      const like = restoredGroup(owner, group, state.groups[g]!, `groups[${g}]`);
      this.#writeGroup(scratch, 0, like);
      return like;
    });
    const held = this.#segments.map(({ param, group }, i) => {
      const starts = this.starts(restored[this.paramGroups.indexOf(group)]!);
      return restoredParameter(owner, state.parameters[names[i]!]!, { spec, param, name: names[i]!, starts });
    });
    this.paramGroups.forEach((group, g) => {
      Object.assign(group, restored[g]!);
      restorePenalties(group, state.groups[g]!);
    });
    held.forEach((kept, i) => this.#restore(this.#segments[i]!, i, kept));
    this.writeOptions();
  }

  #names(model: Named): string[] {
    const params = this.#segments.map(({ param }) => param);
    return namesOf(this.#owner, model, params);
  }

  /** Those of the names of all parameters that belong to a group. */
  #namesIn(group: ParamGroup<Options>, names: readonly string[]): string[] {
    return names.filter((_, i) => this.#segments[i]!.group === group);
  }

  #held(segment: Segment<Options>, i: number): Held {
    const steps = this.#control.steps(i);
    if (steps > 0) this.#stateOf(segment, this.starts(segment.group));
    return { steps, carried: this.#control.carried(i), arrays: segment.state };
  }

  /** Puts one parameter where it was. Its arrays stay the same: captured steps hold them. */
  #restore({ param, group, state }: Segment<Options>, i: number, { steps, carried, arrays }: Held): void {
    const starts = this.starts(group);
    this.#spec.state.forEach((_, a) => {
      const kept = arrays[a];
      if (kept === undefined) state[a]?.fill(starts[a] ?? 0);
      else (state[a] ??= allocateShared(floatDType(param), param.size)).set(kept);
    });
    this.#control.restore(i, steps, carried);
  }

  #arrays(): Arrays {
    const starts = new Map(this.paramGroups.map((group) => [group, this.starts(group)]));
    recording.now?.relies(() =>
      this.paramGroups.every((group) =>
        this.starts(group).every((start, i) => start === starts.get(group)![i]),
      ),
    );
    return this.#segments.flatMap((segment) => this.#arraysOf(segment, starts.get(segment.group)!));
  }

  #arraysOf(segment: Segment<Options>, starts: Starts): Arrays {
    const { param } = segment;
    const { grad } = param;
    if (grad === null) return nothing;
    const weights = ownData(this.#owner, 'params', param);
    return [weights, floatData(this.#owner, 'grad', grad), ...this.#stateOf(segment, starts)];
  }

  /** The arrays of state of a parameter, made when they are first needed. */
  #stateOf({ param, state }: Segment<Options>, starts: Starts): Arrays {
    starts.forEach((start, i) => {
      if (start !== undefined) state[i] ??= allocateShared(floatDType(param), param.size).fill(start);
    });
    return Array.from({ length: layout.maxState }, (_, i) =>
      starts[i] === undefined ? undefined : state[i],
    );
  }

  /** The update bound to these arrays: the last one, if they are the same. */
  #bind(arrays: Arrays): () => void {
    const last = this.#bound;
    if (last !== undefined && last.arrays.every((array, i) => array === arrays[i])) return last.run;
    const run = bindUpdate(this.#spec.name, this.#control.numbers, arrays);
    this.#bound = { arrays, run };
    return run;
  }
}
