import { ops } from '../native.ts';
import { allocateShared } from '../tensor/memory.ts';
import type { FitOptimizer } from './learner.ts';

/** Sets options of groups before step `step`, from 1: what a schedule does. */
export type Schedule = (step: number) => void;

/** About as many steps as native code runs before the schedules are asked again. */
const MAX_STEPS = 8192;

const shared = (length: number): Float64Array => allocateShared('float64', length) as Float64Array;

/** Schedules of optimizers, asked ahead of time: a table of their options, step by step, for each. */
export class Schedules {
  readonly #schedules: readonly Schedule[];
  readonly #optimizers: readonly FitOptimizer[];
  readonly #stepsOfEpoch: number;
  readonly #tables: readonly Float64Array[];
  /** The row that native code takes next, of each table. */
  readonly #cursors: readonly Float64Array[];

  constructor(schedules: readonly Schedule[], optimizers: readonly FitOptimizer[], stepsOfEpoch: number) {
    this.#schedules = schedules;
    this.#optimizers = optimizers;
    this.#stepsOfEpoch = stepsOfEpoch;
    const rows = schedules.length === 0 ? 0 : Math.max(MAX_STEPS, stepsOfEpoch);
    this.#cursors = optimizers.map(() => shared(1));
    this.#tables = optimizers.map(({ options }) => shared(rows * options.length));
  }

  /** Epochs that there is a table for: all, where there is no schedule. */
  get epochs(): number {
    if (this.#schedules.length === 0) return Infinity;
    return Math.max(1, Math.floor(MAX_STEPS / this.#stepsOfEpoch));
  }

  /** Steps that native code took from the tables. */
  get taken(): number {
    return this.#cursors[0]![0]!;
  }

  /** Sets the options of this step, from 1. */
  set(step: number): void {
    for (const schedule of this.#schedules) schedule(step);
  }

  /** Lets the schedules say the options of all steps of these epochs, behind so many steps. */
  fill(before: number, epochs: number): void {
    if (this.#schedules.length === 0) return;
    for (const cursor of this.#cursors) cursor[0] = 0;
    for (let row = 0; row < epochs * this.#stepsOfEpoch; row++) {
      this.set(before + row + 1);
      this.#optimizers.forEach((optimizer, i) => {
        optimizer.writeOptions();
        this.#tables[i]!.set(optimizer.options, row * optimizer.options.length);
      });
    }
  }

  /** Gives an optimizer the options of the next step. */
  next(i: number): void {
    if (this.#schedules.length === 0) return;
    const { options } = this.#optimizers[i]!;
    const table = this.#tables[i]!;
    ops['next_row']!(table, this.#cursors[i]!, options, table.length / options.length, options.length);
  }
}
