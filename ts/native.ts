/** The one door to the addon: nothing else imports it. */
import { createRequire } from 'node:module';
import { ArgumentError, type ErrorCode, RidgelineError } from './errors.ts';
import { type AnyArray, type Recorder, recording } from './recorder.ts';

/** Numbers of one precision: what kernels compute with. */
export type FloatArray = Float32Array | Float64Array;

/** An operation of the native table: arrays, then dimensions, then numbers. Results go into operands. */
export type NativeOp = (...operands: readonly (FloatArray | Int32Array | number)[]) => void;

interface NativeOptimizer {
  /** Updates one segment: weights, gradient, state; an array of state that is not used is undefined. */
  step(control: Float64Array, ...arrays: readonly (FloatArray | undefined)[]): void;
  /** Checks segments once; sets `into.run`. Five arrays a segment, as in {@link step}. */
  bind(control: Float64Array, arrays: readonly (FloatArray | undefined)[], into: { run: () => void }): void;
}

/** An optimizer as the kernels describe it. */
export interface OptimizerSpec {
  readonly name: string;
  /** Names of its arrays of state. */
  readonly state: readonly string[];
  /** How many of these, from the first, it does not run without. */
  readonly required: number;
  /** The name of the number that a row carries from step to step, if there is one. */
  readonly carried?: string;
  /** What its learning rate may be: the name of a range. */
  readonly lr: string;
  /** Its own options, in the order of their numbers. */
  readonly options: readonly OwnOption[];
  /** The ways in which a penalty may act, by their numbers. */
  readonly applies: readonly number[];
  /** Why a penalty may not act in other ways. */
  readonly otherwise: string;
}

/** An option that one optimizer has beside the common ones. */
interface OwnOption {
  readonly name: string;
  /** Its value where none is given. */
  readonly default: number;
  /** What it may be: the name of a range. */
  readonly range: string;
}

/** An operation as the kernels describe it. */
interface OpSpec {
  readonly name: string;
  readonly operands: readonly string[];
  /** Which of its arrays it writes. */
  readonly writes: readonly boolean[];
  readonly dims: readonly string[];
  readonly numbers: readonly string[];
}

/** What control blocks look like, and which instruction sets this CPU has, widest first. */
export interface Layout {
  readonly optimizers: readonly OptimizerSpec[];
  readonly commonOptions: readonly string[];
  readonly stats: readonly string[];
  readonly groupWidth: number;
  /** Names of the numbers of a segment's row before its figures. */
  readonly row: readonly string[];
  readonly rowWidth: number;
  readonly maxState: number;
  readonly isas: readonly string[];
  /** First and second word of bytecode. */
  readonly bytecode: readonly number[];
  /** Most arguments of a captured step. */
  readonly maxArguments: number;
  /** An index here is an operation's number in bytecode; those of the optimizers follow. */
  readonly ops: readonly OpSpec[];
}

interface Addon {
  install(exports: object): void;
  layout(): Layout;
  operandLength(op: number, operand: number, dims: number[]): number;
}

interface Raw {
  readonly ops: Readonly<Record<string, NativeOp>>;
  readonly optimizers: Readonly<Record<string, NativeOptimizer>>;
  buildProgram(
    code: Int32Array,
    constants: Float64Array,
    arrays: readonly AnyArray[],
    info: Float64Array,
    into: { run: (...args: readonly AnyArray[]) => void },
  ): void;
  startJob(
    schedule: Int32Array,
    rounds: number,
    control: Float64Array,
    keep: unknown,
    done: (error?: RidgelineError) => void,
  ): void;
  setErrorClass(type: FaultClass): void;
  setExec(isa: number, threads: number): void;
}

type FaultClass = new (
  code: ErrorCode,
  owner: string,
  name: string,
  expected: string,
  got: string,
) => RidgelineError;

/** What the addon constructs when it throws: its faults arrive as texts. */
function faultOf(
  code: ErrorCode,
  owner: string,
  name: string,
  expected: string,
  got: string,
): RidgelineError {
  if (code !== 'ERR_INTERNAL') return new ArgumentError(code, owner, name, expected, got);
  return new RidgelineError(
    code,
    `ridgeline failed inside: ${got}. This is a bug of ours; please report it.`,
  );
}

function load(): Addon {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url)('../native/index.js') as Addon;
  } catch (cause) {
    throw new RidgelineError(
      'ERR_LOAD',
      [
        `ridgeline has no native addon that loads on ${platform} with Node ${process.version}.`,
        '- Installed from npm: run `npm install --include=optional ridgeline` again on this very machine;',
        '  a node_modules folder copied from another system holds another system’s addon.',
        '- In a clone: run `npm run setup`, which builds it (it needs cargo, https://rustup.rs).',
        '- The system must be 64-bit; on Linux, glibc 2.34 or newer.',
      ].join('\n'),
      { cause },
    );
  }
}

const addon = load();
const raw = {} as Raw;
addon.install(raw);
raw.setErrorClass(faultOf as unknown as FaultClass); // an ordinary function constructs what it returns

export const layout: Layout = addon.layout();
const recorded = Object.fromEntries(
  Object.entries(raw.ops).map(([name, run]): [string, NativeOp] => [
    name,
    (...operands) => {
      recording.now?.operation(name, operands);
      run(...operands);
      recording.now?.ran(name, operands);
    },
  ]),
);

/** The operations of the native table: while a function is captured, those that tell the recording. */
export let ops: Readonly<Record<string, NativeOp>> = raw.ops;

const opNumbers = new Map(layout.ops.map(({ name }, number) => [name, number]));

/** Elements of an operand of an operation of these dimensions: what scratch memory only the kernel knows. */
export function operandLength(op: string, operand: string, dims: readonly number[]): number {
  const number = opNumbers.get(op)!;
  return addon.operandLength(number, layout.ops[number]!.operands.indexOf(operand), [...dims]);
}

/** Runs `body` while `recorder` is told of every operation. */
export function record<T>(recorder: Recorder, body: () => T): T {
  const before = recording.now;
  recording.now = recorder;
  ops = recorded;
  try {
    return body();
  } finally {
    recording.now = before;
    ops = before === undefined ? raw.ops : recorded;
  }
}

export const optimizers: Readonly<Record<string, NativeOptimizer>> = raw.optimizers;

/** Chooses the instruction set, as an index of `layout.isas`, and the number of threads. */
export const setExec: (isa: number, threads: number) => void = raw.setExec;

/**
 * A function that updates all segments of `arrays`, five a segment, by what `control` says. A
 * segment of five times undefined is left as it is.
 */
export function bindUpdate(
  optimizer: string,
  control: Float64Array,
  arrays: readonly (FloatArray | undefined)[],
): () => void {
  const into = { run: (): void => {} };
  optimizers[optimizer]!.bind(control, arrays, into);
  return () => {
    recording.now?.update(optimizer, control, arrays);
    into.run();
  };
}

/** A captured step in native code. */
export interface NativeProgram {
  /** Runs it on these arguments. */
  readonly run: (...args: readonly AnyArray[]) => void;
  /** Bytes of its temporaries. */
  readonly bytes: number;
  /** Bytes that they would take if none shared memory with another. */
  readonly bytesApart: number;
  /** What {@link startJob} knows it by; −1 if it touches memory that is not shared. */
  readonly number: number;
  /** Of each instruction: which of those that run together it belongs to, from 1; 0 if it runs alone. */
  readonly fused: readonly number[];
}

/** Validates bytecode of so many instructions over the arrays that it names. */
export function buildProgram(
  { code, constants }: { readonly code: Int32Array; readonly constants: Float64Array },
  arrays: readonly AnyArray[],
  instructions: number,
): NativeProgram {
  const info = new Float64Array(3 + instructions);
  const into = { run: (): void => {} };
  raw.buildProgram(code, constants, arrays, info, into);
  const [bytes, bytesApart, number, ...fused] = info;
  return { run: into.run, bytes: bytes!, bytesApart: bytesApart!, number: number!, fused };
}

/** How often a program runs in each round of a job. */
export interface Scheduled {
  readonly program: NativeProgram;
  readonly times: number;
}

/**
 * Runs programs without arguments, in order, on a thread of their own, for so many rounds, or until
 * the first number of `control`, a shared array, is not 0.
 *
 * @param keep what must not be collected before the end.
 */
export function startJob(
  schedule: readonly Scheduled[],
  rounds: number,
  control: Float64Array,
  keep: unknown,
): Promise<void> {
  const words = Int32Array.from(schedule.flatMap(({ program, times }) => [program.number, times]));
  return new Promise((resolve, reject) => {
    raw.startJob(words, rounds, control, [schedule, control, keep], (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
