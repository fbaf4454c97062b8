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
  /** Operations that run together, block by block while a block is in the cache: numbers of the first and last. */
  readonly fusions: readonly string[];
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
    fusions: fusionsOf(program),
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

/** Operations that run together. One among them that nobody needed is left out of the run. */
function fusionsOf({ instructions, native: { fused } }: Program): string[] {
  return Array.from({ length: Math.max(0, ...fused) }, (_, i) => {
    const names = instructions.flatMap(({ name }, n) => (fused[n] === i + 1 ? [name] : []));
    return `${fused.indexOf(i + 1)}–${fused.lastIndexOf(i + 1)} ${names.join(' + ')}`;
  });
}

function describe(program: ExplainedProgram): string {
  const { signature, calls, operations, fusions, constants, arrays, bytes, bytesApart } = program;
  return [
    `${signature}: ${calls} calls`,
    `  ${operations.length} operations: ${operations.join(', ')}`,
    ...(fusions.length > 0 ? [`  ${fusions.length} fusions: ${fusions.join(', ')}`] : []),
    `  ${constants.length} constants${constants.length > 0 ? `: ${constants.join(', ')}` : ''}`,
    `  ${arrays} captured arrays; temporaries take ${bytes} bytes (${bytesApart} apart)`,
  ].join('\n');
}
