import { KnownKeys, flag } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { recording } from '../recorder.ts';
import { explain, type Explanation } from './explain.ts';
import { Program } from './program.ts';
import { Signature } from './signature.ts';

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * Whether results of more than 1,024 elements lie in the same memory at each call, so that the next
   * call overwrites them; false unless given.
   */
  readonly reuse?: boolean;
}

/** A captured function: called like the function itself. */
export interface Compiled<Args extends unknown[], Result> {
  (...args: Args): Result;
  /** What was captured: operations, memory, constants; one program for each way the function goes. */
  explain(): Explanation;
}

const known = new KnownKeys(['reuse']);

/** Most programs of one function; beyond them the oldest is forgotten and would be recorded again. */
const MAX_PROGRAMS = 32;

/**
 * Captures a training step: the first call runs `fn` as it is and writes down what it computes;
 * later ones run the whole of it as one native call, with the same results, bit for bit.
 *
 * Arguments are inputs; options of optimizer groups, strengths of penalties, seeds and everything that
 * lies in tensors is read at each call. Numbers that `fn` closes over are constants: at calls 2, 4, 8, …
 * the function is recorded again, and one that changed is an error. Arguments of another shape, training
 * or evaluation mode, and gradients that are there or not, each get a program of their own.
 *
 * What cannot be captured throws: looking at values in the middle (`item()`, `data`), asynchronous
 * functions. A line search, or a schedule that looks at the loss, stays outside and calls the step.
 *
 * @throws {RidgelineError} `ERR_CAPTURE`, at the line that cannot be captured.
 * @example
 * const step = compile((x: Tensor, y: Tensor) => {
 *   const loss = criterion.forward(model.forward(x), y);
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * });
 * for (const { x, y } of batches) console.log(step(x, y).item());
 */
export function compile<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  if (typeof fn !== 'function') throw new ArgumentError('ERR_TYPE', 'compile', 'fn', 'a function', fn);
  known.check('compile', options);
  const reuse = flag('compile', 'reuse', options.reuse ?? false);
  const programs = new Map<Program, string>();

  let last: Signature | undefined;
  const captured = (...args: Args): Result => {
    if (recording.now !== undefined) return fn(...args); // part of what another one captures
    let signature = last !== undefined && last.takes(args) ? last.text : undefined;
    if (signature === undefined) {
      last = new Signature(args);
      signature = last.text;
    }
    let program: Program | undefined;
    for (const [candidate, own] of programs) {
      if (own === signature && candidate.holds()) program = candidate;
    }
    if (program !== undefined && !isPowerOfTwo(program.calls + 1)) return program.run(args) as Result;
    const fresh = new Program(fn, args, { reuse, previous: program });
    if (program === undefined) {
      programs.set(fresh, signature);
      if (programs.size > MAX_PROGRAMS) programs.delete(programs.keys().next().value!);
    } else {
      program.expectSame(fresh);
      program.calls++;
    }
    return fresh.first as Result;
  };
  return Object.assign(captured, { explain: () => explain([...programs]) });
}

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n));
}
