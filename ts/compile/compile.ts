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
  const captures = new Captures(fn, reuse);
  const captured = (...args: Args): Result =>
    // Inside of what another one captures it is a part of that.
    recording.now === undefined ? (captures.call(args) as Result) : fn(...args);
  return Object.assign(captured, { explain: () => explain(captures.programs) });
}

/** The programs of a function. */
class Captures {
  readonly #fn: (...args: never[]) => unknown;
  readonly #reuse: boolean;
  readonly #programs = new Map<Program, string>();
  #last: Signature | undefined;

  constructor(fn: (...args: never[]) => unknown, reuse: boolean) {
    this.#fn = fn;
    this.#reuse = reuse;
  }

  /** Each with the signature that it serves. */
  get programs(): (readonly [Program, string])[] {
    return [...this.#programs];
  }

  /** One call: by the program that fits, or as written, and recorded. */
  call(args: readonly unknown[]): unknown {
    const signature = this.#signature(args);
    const program = this.#find(signature);
    if (program !== undefined && !isPowerOfTwo(program.calls + 1)) return program.run(args);
    const fresh = new Program(this.#fn, args, { reuse: this.#reuse, previous: program });
    if (program === undefined) this.#add(fresh, signature);
    else {
      program.expectSame(fresh);
      program.calls++;
    }
    return fresh.first;
  }

  #signature(args: readonly unknown[]): string {
    if (this.#last?.takes(args) !== true) this.#last = new Signature(args);
    return this.#last.text;
  }

  #find(signature: string): Program | undefined {
    let found: Program | undefined;
    for (const [program, own] of this.#programs) if (own === signature && program.holds()) found = program;
    return found;
  }

  #add(program: Program, signature: string): void {
    this.#programs.set(program, signature);
    if (this.#programs.size > MAX_PROGRAMS) this.#programs.delete(this.#programs.keys().next().value!);
  }
}

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n));
}
