/** Bytecode as crates/program reads it: buffers, then instructions. */
import { layout } from '../native.ts';
import type { AnyArray } from '../recorder.ts';

const ABSENT = -1; // all bits set, as a word without a sign

/** Where a buffer lies: in the program, in a bound array, in an argument. */
export type Place = 'temporary' | 'bound' | 'argument';
const places: readonly Place[] = ['temporary', 'bound', 'argument'];

/** An array as an instruction names it. */
export interface Buffer {
  /** The number of its element type. */
  readonly element: number;
  readonly length: number;
  place: Place;
  /** Among the bound arrays, or among the arguments. */
  number: number;
}

/** One call of the native table, or one update. */
export interface Instruction {
  readonly name: string;
  readonly code: number;
  readonly operands: readonly (Buffer | undefined)[];
  readonly dims: readonly number[];
  readonly numbers: readonly number[];
}

/** What native code validates. */
export interface Bytecode {
  readonly code: Int32Array;
  readonly constants: Float64Array;
}

const opNumbers = new Map(layout.ops.map(({ name }, i) => [name, i]));
const optimizerNumbers = new Map(layout.optimizers.map(({ name }, i) => [name, layout.ops.length + i]));

/** The instruction of a call: arrays come first, then dimensions, then numbers. */
export function callOf(
  name: string,
  operands: readonly (AnyArray | number)[],
  bufferOf: (array: AnyArray) => Buffer,
): Instruction {
  const code = opNumbers.get(name)!;
  const spec = layout.ops[code]!;
  const arrays = operands.slice(0, spec.operands.length) as AnyArray[];
  const numbers = operands.slice(spec.operands.length) as number[];
  return {
    name,
    code,
    operands: arrays.map(bufferOf),
    dims: numbers.slice(0, spec.dims.length),
    numbers: numbers.slice(spec.dims.length),
  };
}

/** The instruction of an update: its control block, then the arrays of its segments. */
export function updateOf(
  optimizer: string,
  control: Float64Array,
  arrays: readonly (AnyArray | undefined)[],
  bufferOf: (array: AnyArray) => Buffer,
): Instruction {
  const operands = [control, ...arrays].map((array) => (array === undefined ? undefined : bufferOf(array)));
  return { name: optimizer, code: optimizerNumbers.get(optimizer)!, operands, dims: [], numbers: [] };
}

/** The number of an array's element type. */
export function elementOf(array: AnyArray): number {
  if (array instanceof Int32Array) return 2;
  return array instanceof Float64Array ? 1 : 0;
}

/** The buffers that an instruction writes: of an update all but the gradients. */
export function writtenBy({ code, operands }: Instruction): Buffer[] {
  const spec = layout.ops[code];
  const segment = 2 + layout.maxState;
  const writes = (i: number): boolean =>
    spec === undefined ? i === 0 || (i - 1) % segment !== 1 : spec.writes[i]!;
  return operands.filter((buffer, i): buffer is Buffer => buffer !== undefined && writes(i));
}

/** The words of these instructions over these buffers. */
export function encode(buffers: readonly Buffer[], instructions: readonly Instruction[]): Bytecode {
  const numberOf = new Map(buffers.map((buffer, i) => [buffer, i]));
  const words = [...layout.bytecode, buffers.length, instructions.length];
  const constants: number[] = [];
  for (const { element, length, place, number } of buffers) {
    words.push(places.indexOf(place), element, length, number);
  }
  for (const { code, operands, dims, numbers } of instructions) {
    words.push(code, operands.length);
    for (const operand of operands) words.push(operand === undefined ? ABSENT : numberOf.get(operand)!);
    words.push(dims.length, ...dims, numbers.length);
    constants.push(...numbers);
  }
  return { code: Int32Array.from(words), constants: Float64Array.from(constants) };
}
