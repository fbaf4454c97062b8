import { layout, type OptimizerSpec } from '../native.ts';

/** Where weight decay acts: in the gradient, on the weight per unit of lr, or by the schedule alone. */
export type Decay = 'coupled' | 'decoupled' | 'independent';

/** How a penalty acts on an update: by gradient or prox, in the optimizer's own metric or outside it. */
export type Apply = 'coupled' | 'decoupled' | 'proximal' | 'proximal-decoupled';

export const decays: readonly Decay[] = ['coupled', 'decoupled', 'independent'];
export const applies: readonly Apply[] = ['coupled', 'decoupled', 'proximal', 'proximal-decoupled'];

/** What an update saw. `penalty` and `gradNorm` are of what came in, the others of what went out. */
export interface UpdateStats {
  /** `l1`·Σ|w| + `l2`·Σw² of the weights that came in; never weight decay. */
  readonly penalty: number;
  /** ‖g‖₂ of the gradient that came in, before penalty and decay. */
  readonly gradNorm: number;
  /** ‖Δw‖₂, with decay and prox in it. */
  readonly updateNorm: number;
  /** ‖w‖₂ of what went out. */
  readonly weightNorm: number;
  /** Weights that went out exactly 0. */
  readonly zeros: number;
  /** Weights that went out with |w| < `nearZero`, those that are 0 among them. */
  readonly nearZeros: number;
}

const { groupWidth, row: rowNames, rowWidth, commonOptions } = layout;
const at = (name: string): number => commonOptions.indexOf(name);

/** Where the options of a group stand behind its start, in the order of the native table. */
export const LR: number = at('lr');
export const WEIGHT_DECAY: number = at('weightDecay');
export const DECAY: number = at('decay');
export const SCHEDULE_MULTIPLIER: number = at('scheduleMultiplier');
export const L1: number = at('l1');
export const L2: number = at('l2');
export const APPLY: number = at('apply');
export const NEAR_ZERO: number = at('nearZero');
export const MAXIMIZE: number = at('maximize');
/** What the kernels say of the optimizer called `name`. */
export function specOf(name: string): OptimizerSpec {
  return layout.optimizers.find((spec) => spec.name === name)!;
}

/** Where an optimizer's own options begin behind the start of its group. */
export const OWN: number = commonOptions.length;

/** Numbers from the start of a group to that of the next. */
export const GROUP: number = groupWidth;

const STEPS = rowNames.indexOf('steps');
const OF_GROUP = rowNames.indexOf('group');
const CARRIED = rowNames.indexOf('carried');
const stat = (name: string): number => rowNames.length + layout.stats.indexOf(name);
const ABS_SUM = stat('absSum');
const SQUARE_SUM = stat('squareSum');
const GRAD_SQUARES = stat('gradSquares');
const UPDATE_SQUARES = stat('updateSquares');
const WEIGHT_SQUARES = stat('weightSquares');
const ZEROS = stat('zeros');
const NEAR_ZEROS = stat('nearZeros');

/**
 * The numbers that an update reads and writes: a row of options for each group, then a row for
 * each segment. They lie in shared memory, which cannot be detached while native code holds it.
 */
export class ControlBlock {
  readonly numbers: Float64Array<SharedArrayBuffer>;
  readonly #rows: number;

  constructor(groups: number, segments: number) {
    const bytes = 8 * (groups * groupWidth + segments * rowWidth);
    this.numbers = new Float64Array(new SharedArrayBuffer(bytes));
    this.#rows = groups * groupWidth;
  }

  /** Says which group a segment belongs to, and how many steps it has taken; an update counts its own. */
  writeSegment(segment: number, group: number, steps: number): void {
    const row = this.#rows + segment * rowWidth;
    this.numbers[row + STEPS] = steps;
    this.numbers[row + OF_GROUP] = group;
  }

  /** How many steps a segment has taken. */
  steps(segment: number): number {
    return this.numbers[this.#rows + segment * rowWidth + STEPS]!;
  }

  /** The number that the rule carries from step to step for a segment, if it has one. */
  carried(segment: number): number {
    return this.numbers[this.#rows + segment * rowWidth + CARRIED]!;
  }

  /** Puts a segment where it was after so many steps. */
  restore(segment: number, steps: number, carried: number): void {
    const row = this.#rows + segment * rowWidth;
    this.numbers[row + STEPS] = steps;
    this.numbers[row + CARRIED] = carried;
  }

  /**
   * What the last update saw in all segments, or that of which `numbers` are a copy; `l1` and `l2`
   * are those of each segment's group.
   */
  stats(segments: number, numbers: ArrayLike<number> = this.numbers): UpdateStats {
    let penalty = 0;
    let grad = 0;
    let update = 0;
    let weight = 0;
    let zeros = 0;
    let nearZeros = 0;
    for (let row = this.#rows, end = row + segments * rowWidth; row < end; row += rowWidth) {
      const group = numbers[row + OF_GROUP]! * groupWidth;
      penalty +=
        numbers[group + L1]! * numbers[row + ABS_SUM]! + numbers[group + L2]! * numbers[row + SQUARE_SUM]!;
      grad += numbers[row + GRAD_SQUARES]!;
      update += numbers[row + UPDATE_SQUARES]!;
      weight += numbers[row + WEIGHT_SQUARES]!;
      zeros += numbers[row + ZEROS]!;
      nearZeros += numbers[row + NEAR_ZEROS]!;
    }
    return {
      penalty,
      gradNorm: Math.sqrt(grad),
      updateNorm: Math.sqrt(update),
      weightNorm: Math.sqrt(weight),
      zeros,
      nearZeros,
    };
  }
}
