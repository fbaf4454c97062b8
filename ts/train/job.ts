import { ArgumentError } from '../errors.ts';
import { Program } from '../compile/program.ts';
import { startJob } from '../native.ts';
import { allocateShared } from '../tensor/memory.ts';

/** What to do about memory that could be moved while another thread works on it. */
export const shareIt =
  'Let parameters be nn.Parameter, or tensors over a SharedArrayBuffer: plain memory may be moved away while another thread works on it.';

/** A part of a loop: captured when it first runs, then run by native code alone. */
class Part {
  readonly #body: () => void;
  readonly #here: (() => void) | undefined;
  #program: Program | undefined;

  constructor(body: () => void, here: (() => void) | undefined) {
    this.#body = body;
    this.#here = here;
  }

  get program(): Program | undefined {
    return this.#program;
  }

  /** Runs once, here; what it does is captured, and compared with what it did before. */
  run(): void {
    this.#here?.();
    const program = new Program(this.#body, [], { reuse: true, share: true });
    this.#program?.expectSame(program);
    this.#program ??= program;
    if (program.native.number >= 0) return;
    const expected = 'one that writes into shared memory alone';
    throw new ArgumentError(
      'ERR_TYPE',
      'fit',
      'model',
      expected,
      'one that writes into a plain array',
      shareIt,
    );
  }
}

/** A part and how often it runs in each round. */
export interface Repeated {
  readonly body: () => void;
  readonly times: number;
  /** What is done before a run on the calling thread, and is not captured. */
  readonly here?: () => void;
}

/**
 * A loop whose parts run in order, each so many times, round by round, on a thread of its own. The
 * first run of each part, and the second of one that repeats, is on the calling thread: there it is
 * captured, and then checked.
 */
export class Job {
  readonly #parts: readonly { readonly part: Part; readonly times: number }[];
  /** Not 0: stop before the next run of a part. */
  readonly #control = allocateShared('float64', 1) as Float64Array;
  #captured = false;

  /** Parts that never run are left out. */
  constructor(parts: readonly Repeated[]) {
    this.#parts = parts
      .filter(({ times }) => times > 0)
      .map(({ body, times, here }) => ({ part: new Part(body, here), times }));
  }

  get stopped(): boolean {
    return this.#control[0] !== 0;
  }

  /** Asks the job to stop before the next run of a part. */
  stop(): void {
    this.#control[0] = 1;
  }

  /** Runs so many rounds, or until it is stopped. */
  async run(rounds: number): Promise<void> {
    let left = rounds;
    if (!this.#captured && left > 0) {
      await this.#capture();
      left--;
    }
    if (left > 0 && !this.stopped) await this.#start(this.#parts, left);
  }

  async #capture(): Promise<void> {
    for (const { part, times } of this.#parts) {
      for (let i = 0; i < Math.min(times, 2) && !this.stopped; i++) part.run();
      if (times > 2 && !this.stopped) await this.#start([{ part, times: times - 2 }], 1);
      if (this.stopped) return;
    }
    this.#captured = true;
  }

  async #start(
    parts: readonly { readonly part: Part; readonly times: number }[],
    rounds: number,
  ): Promise<void> {
    const programs = parts.map(({ part, times }) => ({ program: part.program!, times }));
    for (const { program } of programs) program.prepare();
    const schedule = programs.map(({ program, times }) => ({ program: program.native, times }));
    try {
      await startJob(schedule, rounds, this.#control, programs);
    } finally {
      for (const { program } of programs) program.finish();
    }
  }
}
