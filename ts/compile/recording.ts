import { RidgelineError } from '../errors.ts';
import { record } from '../native.ts';
import type { AnyArray, Leaf, Recorder } from '../recorder.ts';
import { intoShared } from '../tensor/memory.ts';
import {
  type Buffer,
  callOf,
  elementOf,
  type Instruction,
  type Place,
  updateOf,
  writtenBy,
} from './bytecode.ts';

/** Options of an optimizer: where native code reads them, and what an update found there. */
export interface Options {
  readonly written: Float64Array;
  readonly found: Float64Array;
}

/**
 * What a function did, call by call, and what of the host it looked at. Whatever one step leaves to
 * the next (counters, moments, random positions) lies in arrays, so the calls can be run again.
 */
export class Recording implements Recorder {
  readonly buffers: Buffer[] = [];
  readonly instructions: Instruction[] = [];
  /** Arrays that live outside: parameters, state, options, captured data. */
  readonly bound: AnyArray[] = [];
  /** Facts of the host that the function relied on. */
  readonly facts: (() => boolean)[] = [];
  /** What the host does before and after each run. */
  readonly befores: (() => void)[] = [];
  /** Options as an update found them. */
  readonly #options: Options[] = [];
  readonly afters: (() => void)[] = [];
  /** Objects that tell of the run: how to make them anew. */
  readonly outcomes: Map<object, () => object> = new Map();
  /** Leaves whose gradient the function set. */
  readonly graded: Set<Leaf> = new Set();

  readonly #known = new Map<AnyArray, Buffer>();
  readonly #made = new Set<AnyArray>();
  readonly #kept = new Set<AnyArray>();
  readonly #seen = new Set<Leaf>();

  /** @param args the arrays that each call brings anew; undefined for what is the same at each call. */
  constructor(args: readonly (AnyArray | undefined)[]) {
    args.forEach((array, number) => {
      if (array !== undefined && !this.#known.has(array)) this.#add(array, 'argument', number);
    });
  }

  /** Runs `body` once, as it always runs, while everything it does is written down. */
  run<T>(body: () => T): T {
    return record(this, body);
  }

  operation(name: string, operands: readonly (AnyArray | number)[]): void {
    this.instructions.push(callOf(name, operands, (array) => this.bufferOf(array)));
  }

  /** Nothing: what it wrote belongs to the run. */
  ran(_name: string, _operands: readonly (AnyArray | number)[]): void {}

  update(optimizer: string, control: Float64Array, arrays: readonly (AnyArray | undefined)[]): void {
    this.instructions.push(updateOf(optimizer, control, arrays, (array) => this.bufferOf(array)));
  }

  made(array: AnyArray): void {
    this.#made.add(array);
  }

  readsGrad(leaf: Leaf): void {
    if (this.#seen.has(leaf)) return;
    this.#seen.add(leaf); // before looking, for looking asks here again
    const array = leaf.grad?.array;
    this.facts.push(() => leaf.grad?.array === array);
  }

  writesGrad(leaf: Leaf): void {
    this.#seen.add(leaf);
    this.graded.add(leaf);
  }

  relies(holds: () => boolean): void {
    this.facts.push(holds);
  }

  before(prepare: () => void, written: Float64Array): void {
    this.befores.push(prepare);
    this.#options.push({ written, found: written.slice() });
  }

  /** The options that updates read, as the host would write them now. */
  optionsNow(): Options[] {
    for (const prepare of this.befores) prepare();
    return this.#options.map(({ written }) => ({ written, found: written.slice() }));
  }

  /**
   * Throws unless every update found the options that there are now, and that there were at the start
   * as far as `before` knows: the function left them alone.
   */
  checkOptions(before: readonly Options[] = []): void {
    const now = this.optionsNow();
    for (const [i, { written, found }] of this.#options.entries()) {
      const start = before.find((options) => sameMemory(options.written, written));
      const same = found.every((value, n) => Object.is(value, (start?.found ?? found)[n]));
      if (same && found.every((value, n) => Object.is(value, now[i]!.found[n]))) continue;
      this.changes('options of an optimizer');
    }
  }

  after(finish: () => void): void {
    this.afters.push(finish);
  }

  outcome(object: object, make: () => object): void {
    this.outcomes.set(object, make);
  }

  looks(what: string): never {
    throw new RidgelineError(
      'ERR_CAPTURE',
      `compile: the captured function looks at ${what} in the middle of the step, which a captured step cannot do. ` +
        'Return the tensor and look at it outside, or compute with tensors instead of numbers.',
    );
  }

  changes(what: string): never {
    throw new RidgelineError(
      'ERR_CAPTURE',
      `compile: the captured function changes ${what}, which captured calls would not do again. ` +
        'Change it between calls, outside of the function.',
    );
  }

  /** The buffer of an array: of an argument, of a result of this run, or else of something captured. */
  bufferOf(array: AnyArray): Buffer {
    const known = this.#known.get(array);
    if (known !== undefined) return known;
    if (this.#made.has(array)) return this.#add(array, 'temporary', 0);
    const same = this.bound.findIndex((other) => sameMemory(other, array));
    const number = same < 0 ? this.bound.push(array) - 1 : same;
    if (same < 0) return this.#add(array, 'bound', number);
    const twin = this.#known.get(this.bound[number]!)!;
    this.#known.set(array, twin);
    return twin;
  }

  /** Whether an array was made by this run. */
  isTemporary(array: AnyArray): boolean {
    return this.#made.has(array);
  }

  /** Whether an array holds what a run leaves to be read. */
  isKept(array: AnyArray): boolean {
    return this.#kept.has(array);
  }

  /** Lets a temporary lie in `kept`, which is read after the run. */
  keep(buffer: Buffer, kept: AnyArray): void {
    this.#kept.add(kept);
    buffer.place = 'bound';
    buffer.number = this.bound.push(kept) - 1;
  }

  /** Copies captured arrays that are only read into shared memory, where another thread may read them. */
  share(): void {
    const written = new Set(this.instructions.flatMap(writtenBy));
    for (const buffer of this.buffers) {
      if (buffer.place !== 'bound' || written.has(buffer)) continue;
      this.bound[buffer.number] = intoShared(this.bound[buffer.number]!);
    }
  }

  /** Lets go of the arrays of the run: a program needs to know only how long they are. */
  forget(): void {
    this.#known.clear();
    this.#made.clear();
  }

  #add(array: AnyArray, place: Place, number: number): Buffer {
    const buffer = { element: elementOf(array), length: array.length, place, number };
    this.buffers.push(buffer);
    this.#known.set(array, buffer);
    return buffer;
  }
}

/** Whether both are views of the same elements. */
export function sameMemory(a: AnyArray, b: AnyArray): boolean {
  return (
    a === b ||
    (a.buffer === b.buffer &&
      a.byteOffset === b.byteOffset &&
      a.length === b.length &&
      a.constructor === b.constructor)
  );
}
