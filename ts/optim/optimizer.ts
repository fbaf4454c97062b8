import { ControlBlock, GROUP, type UpdateStats } from '../kernels/control.ts';
import { bindUpdate, type FloatArray, layout } from '../native.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData, floatDType } from '../tensor/value.ts';
import { type GroupInput, type GroupOptions, makeGroups, type ParamGroup, writeGroup } from './group.ts';

/** What an optimizer keeps of a parameter. */
interface State {
  steps: number;
  readonly arrays: (FloatArray | undefined)[];
}

/** The segments of a step: a parameter each, of those that have a gradient. */
interface Segments {
  readonly params: readonly Tensor[];
  readonly groups: readonly number[];
  readonly arrays: readonly (FloatArray | undefined)[];
}

/** A bound update, and what it was bound to. */
interface Bound {
  readonly segments: Segments;
  readonly control: ControlBlock;
  readonly run: () => void;
}

/**
 * Updates parameters by their gradients. A step is one native call over all of them, whatever the
 * number of layers and groups, in one pass over memory with decay, penalty and prox in it.
 */
export abstract class Optimizer<Options extends GroupOptions> {
  /** Groups of parameters with their options; every option may be changed between steps. */
  readonly paramGroups: readonly ParamGroup<Options>[];
  readonly #owner: string;
  readonly #native: string;
  readonly #state = new Map<Tensor, State>();
  #bound: Bound | undefined;

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
    this.#writeGroups(new ControlBlock(this.paramGroups.length, 0).numbers);
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
    const { control, segments, run } = this.#bind(this.#segments());
    this.#writeGroups(control.numbers);
    const states = segments.params.map((param) => this.#state.get(param)!);
    states.forEach((state, i) => control.writeSegment(i, segments.groups[i]!, state.steps + 1));
    run();
    for (const state of states) state.steps++;
    for (const param of segments.params) param.version++;
    return control.stats(segments.params.length);
  }

  #writeGroups(numbers: Float64Array): void {
    this.paramGroups.forEach((group, g) => {
      writeGroup(numbers, g * GROUP, this.#owner, group);
      this.writeOwn(numbers, g * GROUP, this.#owner, group);
    });
  }

  #segments(): Segments {
    const params: Tensor[] = [];
    const groups: number[] = [];
    const arrays: (FloatArray | undefined)[] = [];
    this.paramGroups.forEach((group, g) => {
      const needed = this.needs(group);
      for (const param of group.params) {
        if (param.grad === null) continue;
        const weights = floatData(this.#owner, 'params', param);
        params.push(param);
        groups.push(g);
        arrays.push(weights, floatData(this.#owner, 'grad', param.grad), ...this.#arrays(param, needed));
      }
    });
    return { params, groups, arrays };
  }

  /** The arrays of state of a parameter, made when they are first needed. */
  #arrays(param: Tensor, needed: readonly boolean[]): (FloatArray | undefined)[] {
    let state = this.#state.get(param);
    if (state === undefined) this.#state.set(param, (state = { steps: 0, arrays: [] }));
    for (let i = 0; i < needed.length; i++) {
      if (needed[i]!) state.arrays[i] ??= allocateShared(floatDType(param), param.size);
    }
    return Array.from({ length: layout.maxState }, (_, i) =>
      needed[i] === true ? state.arrays[i] : undefined,
    );
  }

  /** The update bound to these segments: the last one, if they are the same arrays. */
  #bind(segments: Segments): Bound {
    const last = this.#bound;
    if (last !== undefined && same(last.segments, segments)) return last;
    const control = new ControlBlock(this.paramGroups.length, segments.params.length);
    const run = bindUpdate(this.#native, control.numbers, segments.arrays);
    return (this.#bound = { segments, control, run });
  }
}

function same(a: Segments, b: Segments): boolean {
  return a.arrays.length === b.arrays.length && a.arrays.every((array, i) => array === b.arrays[i]);
}
