import { inspect } from 'node:util';
import { layout } from '../native.ts';
import type { Program } from './program.ts';

/** One captured way of a function. */
export interface ExplainedProgram {
  /** Shapes, element types and other arguments that it serves. */
  readonly signature: string;
  /** Calls that it served. */
  readonly calls: number;
  /** Operations in order, with their dimensions. */
  readonly operations: readonly string[];
  /** Numbers that were captured: they do not change from call to call. */
  readonly constants: readonly string[];
  /** Captured arrays: parameters, gradients, state, options, data. */
  readonly arrays: number;
  /** Bytes of temporaries as planned, and as they would be if none shared memory. */
  readonly bytes: number;
  readonly bytesApart: number;
}

/** What {@link compile} captured. */
export interface Explanation {
  readonly programs: readonly ExplainedProgram[];
  /** The same as text. */
  toString(): string;
}

/** Describes programs and what they serve. */
export function explain(programs: readonly (readonly [Program, string])[]): Explanation {
  const explained = programs.map(([program, signature]): ExplainedProgram => ({
    signature,
    calls: program.calls,
    operations: program.instructions.map(
      ({ name, dims }) => `${name}${dims.length > 0 ? `[${dims.join(', ')}]` : ''}`,
    ),
    constants: program.instructions.flatMap(({ name, code, numbers }, i) =>
      numbers.map((number, n) => `${i} ${name}.${layout.ops[code]!.numbers[n]} = ${number}`),
    ),
    arrays: program.bound.length,
    bytes: program.native.bytes,
    bytesApart: program.native.bytesApart,
  }));
  const explanation = {
    programs: explained,
    toString: () => explained.map(describe).join('\n\n') || 'nothing captured yet',
  };
  Object.defineProperty(explanation, inspect.custom, { value: explanation.toString, enumerable: false });
  return explanation;
}

function describe(program: ExplainedProgram): string {
  const { signature, calls, operations, constants, arrays, bytes, bytesApart } = program;
  return [
    `${signature}: ${calls} calls`,
    `  ${operations.length} operations: ${operations.join(', ')}`,
    `  ${constants.length} constants${constants.length > 0 ? `: ${constants.join(', ')}` : ''}`,
    `  ${arrays} captured arrays; temporaries take ${bytes} bytes (${bytesApart} apart)`,
  ].join('\n');
}
