import { ArgumentError, RidgelineError } from '../errors.ts';
import { buildProgram, layout, type NativeProgram } from '../native.ts';
import type { AnyArray } from '../recorder.ts';
import { copyShared } from '../tensor/memory.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type Bytecode, encode, type Instruction } from './bytecode.ts';
import { type Options, Recording, sameMemory } from './recording.ts';
import { mapStructure, sameStructure, tensorsOf } from './structure.ts';

/** Results of at most this many elements are copied at each call, so that the next one leaves them alone. */
const COPIED = 1024;

/** How a program is made. */
export interface ProgramOptions {
  /** Whether results of more than 1,024 elements lie in the same memory at each call; false unless given. */
  readonly reuse: boolean;
  /** Whether captured data that is only read is copied into shared memory; false unless given. */
  readonly share?: boolean;
  /** The program that this one should be equal to. */
  readonly previous?: Program | undefined;
}

/** In a result: the argument of this number, or what another tensor shows of it. */
class Argument {
  readonly number: number;
  readonly #like: Tensor | undefined;

  constructor(number: number, like?: Tensor) {
    this.number = number;
    this.#like = like;
  }

  /** It among the arguments of a call. */
  of(tensors: readonly Tensor[]): Tensor {
    const tensor = tensors[this.number]!;
    if (this.#like === undefined) return tensor;
    const { shape, dtype, view } = this.#like;
    return new Tensor({ data: tensor.array, shape, dtype, requiresGrad: false, view });
  }
}

/** A function that ran once while it was recorded, as a native program. */
export class Program {
  readonly instructions: readonly Instruction[];
  readonly native: NativeProgram;
  readonly bound: readonly AnyArray[];
  /** What the recorded run returned, detached. */
  readonly first: unknown;
  /** Calls that it served, the recorded one among them. */
  calls = 1;

  readonly #bytecode: Bytecode;
  readonly #recording: Recording;
  readonly #result: unknown;
  readonly #used: readonly number[];
  readonly #grads: readonly (readonly [leaf: { grad: Tensor | null }, grad: Tensor | null])[];
  readonly #reuse: boolean;

  constructor(fn: (...args: never[]) => unknown, args: readonly unknown[], options: ProgramOptions) {
    this.#reuse = options.reuse;
    const tensors = tensorsOf(args);
    // A tensor that gets a gradient is the same one at each call: it is captured, and may be updated.
    const recording = new Recording(tensors.map(({ array, tracked }) => (tracked ? undefined : array)));
    this.#recording = recording;
    const result = recorded(recording, options.previous?.optionsNow(), () => fn(...(args as never[])));
    const kept = new Map<AnyArray, Tensor>();
    const keep = (tensor: Tensor): Tensor => {
      const { array, shape, dtype } = tensor;
      if (!recording.isTemporary(array)) return tensor.node === undefined ? tensor : tensor.detach();
      let twin = kept.get(array);
      if (twin === undefined) {
        const data = copyShared(array);
        recording.keep(recording.bufferOf(array), data);
        twin = new Tensor({ data, shape, dtype, requiresGrad: false });
        kept.set(array, twin);
      }
      return twin.shape === shape
        ? twin
        : new Tensor({ data: twin.array, shape, dtype, requiresGrad: false });
    };
    this.#result = mapStructure(result, (item) => {
      if (item instanceof Tensor) {
        return argumentAmong(tensors, item) ?? keep(item);
      }
      return recording.outcomes.has(item) ? item : undefined;
    });
    this.first = mapStructure(result, (item) =>
      item instanceof Tensor && item.node !== undefined ? item.detach() : undefined,
    );
    this.#grads = [...recording.graded].map((leaf) => {
      const grad = leaf.grad as Tensor | null;
      return [leaf as { grad: Tensor | null }, grad === null ? null : keep(grad)];
    });
    // Arguments that no operation reads are not passed.
    const used = recording.buffers.filter(({ place }) => place === 'argument');
    const operands = new Set(recording.instructions.flatMap(({ operands: list }) => list));
    const read = used.filter((buffer) => operands.has(buffer));
    this.#used = read.map(({ number }) => number);
    checkCount(read.length);
    read.forEach((buffer, i) => {
      buffer.number = i;
    });
    const buffers = recording.buffers.filter((buffer) => operands.has(buffer));
    this.instructions = recording.instructions;
    this.bound = recording.bound;
    this.#bytecode = encode(buffers, recording.instructions);
    if (options.share === true) recording.share();
    recording.forget();
    this.native = buildProgram(this.#bytecode, this.bound, this.instructions.length);
  }

  /** Whether the host is as the recorded run found it. */
  holds(): boolean {
    return this.#recording.facts.every((holds) => holds());
  }

  /** The options of optimizers that it reads, as they are now. */
  optionsNow(): Options[] {
    return this.#recording.optionsNow();
  }

  /** What the host does before runs that it does not see. */
  prepare(): void {
    for (const prepare of this.#recording.befores) prepare();
  }

  /** What it does after them. */
  finish(): void {
    for (const finish of this.#recording.afters) finish();
    for (const [leaf, grad] of this.#grads) leaf.grad = grad;
  }

  /** One more run, on arguments of the same signature. */
  run(args: readonly unknown[]): unknown {
    const { outcomes } = this.#recording;
    const tensors = tensorsOf(args);
    this.prepare();
    try {
      this.native.run(...this.#used.map((i) => tensors[i]!.array));
    } catch (error) {
      throw detachedAmong(tensors) ?? error;
    }
    this.finish();
    this.calls++;
    return mapStructure(this.#result, (item) => {
      if (item instanceof Argument) return item.of(tensors);
      if (item instanceof Tensor) return this.#give(item);
      return outcomes.get(item)?.();
    });
  }

  /** A result: something captured, or what the run wrote. */
  #give(tensor: Tensor): Tensor {
    if (!this.#recording.isKept(tensor.array)) return tensor;
    const { array, shape, dtype, size } = tensor;
    const data = size > COPIED && this.#reuse ? array : array.slice();
    return new Tensor({ data, shape, dtype, requiresGrad: false });
  }

  /** Where an item of the result comes from: an argument, an array that the run writes, an outcome, itself. */
  #originOf(item: object): unknown {
    const outcome = [...this.#recording.outcomes.keys()].indexOf(item);
    if (outcome >= 0) return `outcome ${outcome}`;
    if (item instanceof Argument) return item.number;
    if (!(item instanceof Tensor)) return undefined;
    return this.#recording.isKept(item.array) ? `result ${this.bound.indexOf(item.array)}` : 'captured';
  }

  /** Throws if `later`, recorded from the same function, is not this very program. */
  expectSame(later: Program): void {
    const changed = this.#difference(later);
    if (changed === undefined) return;
    throw new RidgelineError(
      'ERR_CAPTURE',
      `compile: ${changed} This call ran as written, but captured calls before it may have used what was old.`,
    );
  }

  #difference(later: Program): string | undefined {
    for (const [i, instruction] of this.instructions.entries()) {
      const other = later.instructions[i];
      if (other === undefined || other.code !== instruction.code) break;
      const at = instruction.numbers.findIndex((number, n) => !Object.is(number, other.numbers[n]));
      if (at < 0) continue;
      const name = layout.ops[instruction.code]?.numbers[at];
      return (
        `a number that the function closed over changed from ${instruction.numbers[at]} to ${other.numbers[at]} ` +
        `(\`${name}\` of ${instruction.name}). Keep it in a tensor, a penalty or an option of a group, which are read at each call, or pass it as an argument.`
      );
    }
    if (!sameWords(this.#bytecode.code, later.#bytecode.code)) {
      return 'the function took another way than before, for it depends on something that is not a tensor, an option or an argument. Pass that as an argument.';
    }
    const moved = this.bound.findIndex(
      (array, i) => !this.#recording.isKept(array) && !sameCaptured(array, later.bound[i]!),
    );
    if (moved >= 0) {
      return 'a captured tensor was replaced by another one. Pass it as an argument, or write into its memory.';
    }
    const same = sameStructure(this.#result, later.#result, (a, b) => {
      const [one, other] = [this.#originOf(a), later.#originOf(b)];
      return one === undefined && other === undefined ? undefined : one === other;
    });
    if (!same) {
      return 'the function returned something else that is not a tensor, which captured calls would return as it was. Return tensors, and compute the rest outside.';
    }
    return undefined;
  }
}

/** What a function returned while it was recorded, if what it did can be run again. */
function recorded(
  recording: Recording,
  before: readonly Options[] | undefined,
  body: () => unknown,
): unknown {
  const result = recording.run(() => packed(recording, body()));
  if (result instanceof Promise) {
    throw new RidgelineError('ERR_CAPTURE', 'compile: the function is asynchronous; a step must be not.');
  }
  recording.checkOptions(before);
  return result;
}

/** A result whose tensors lie row by row, those that the recorded run made. */
function packed(recording: Recording, result: unknown): unknown {
  return mapStructure(result, (item) => {
    if (recording.outcomes.has(item)) return item;
    if (!(item instanceof Tensor)) return undefined;
    return recording.isTemporary(item.array) ? item.contiguous() : item;
  });
}

/** Which argument, or view of one, a tensor is. */
function argumentAmong(tensors: readonly Tensor[], tensor: Tensor): Argument | undefined {
  const itself = tensors.indexOf(tensor);
  if (itself >= 0) return new Argument(itself);
  const number = tensors.findIndex(({ array }) => array === tensor.array);
  return number < 0 ? undefined : new Argument(number, tensor);
}

function checkCount(read: number): void {
  if (read <= layout.maxArguments) return;
  throw new RidgelineError(
    'ERR_CAPTURE',
    `compile: the function reads ${read} tensors from its arguments, more than ${layout.maxArguments}. Capture those that stay the same.`,
  );
}

/** The error of arguments of which one has lost its memory. */
function detachedAmong(tensors: readonly Tensor[]): ArgumentError | undefined {
  const at = tensors.findIndex(({ array, size }) => array.length !== size);
  if (at < 0) return undefined;
  const [expected, got] = ['a tensor whose memory is there', 'a detached one'];
  const fix = 'The buffer under it was transferred to another thread or resized.';
  return new ArgumentError('ERR_DETACHED', 'compile', `arguments[${at}]`, expected, got, fix);
}

function sameWords(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

/** Whether a captured array is the same one, or was made anew with the same contents. */
function sameCaptured(a: AnyArray, b: AnyArray): boolean {
  return sameMemory(a, b) || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}
