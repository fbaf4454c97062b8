import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Epoch } from './epoch.ts';
import { AbortError } from './history.ts';
import type { Run, RunProgress } from './run.ts';

/** The same epoch of each model. */
export type Row = readonly Epoch[];

/** How far a run goes, and how. */
export interface DriveOptions {
  readonly epochs: number;
  readonly signal: AbortSignal | undefined;
  /** Whether `after` must see each epoch before the next one starts. */
  readonly oneByOne: boolean;
  /** Told of each epoch; whether it was the last. */
  after(row: Row): boolean;
}

/** Somebody who takes epochs one after the other. */
interface Reader {
  /** Epochs that it took, and whether it asked for another one. */
  taken: number;
  asking: boolean;
}

/** Drives a run to its end, at the pace of those who read its epochs. */
export class Drive {
  readonly #run: Run;
  readonly #options: DriveOptions;
  readonly #rows: Row[] = [];
  readonly #readers = new Set<Reader>();
  #waiting: (() => void)[] = [];
  #left = false;
  #ended = false;

  constructor(run: Run, options: DriveOptions) {
    this.#run = run;
    this.#options = options;
  }

  get progress(): RunProgress {
    return this.#run.progress;
  }

  /**
   * Runs all epochs, or until `after` one says that it was the last, or a reader leaves: whether it came to
   * its end.
   */
  async run(): Promise<boolean> {
    const { signal } = this.#options;
    const stop = (): void => {
      this.#run.stop();
      this.#changed();
    };
    signal?.addEventListener('abort', stop);
    try {
      await this.#runAll();
      return !this.#left;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#ended = true;
      this.#changed();
    }
  }

  /** The epochs from the first one on; the run waits while the reader is busy, and stops when it leaves. */
  async *read(): AsyncGenerator<Row, void, undefined> {
    const reader = { taken: 0, asking: true };
    this.#readers.add(reader);
    try {
      while (reader.taken < this.#rows.length || !this.#ended) {
        const row = this.#rows[reader.taken];
        if (row === undefined) {
          await this.#more(reader);
          continue;
        }
        reader.asking = false;
        reader.taken++;
        yield row;
      }
    } finally {
      this.#readers.delete(reader);
      if (!this.#ended) await this.#leave();
    }
  }

  async #runAll(): Promise<void> {
    const { signal, epochs, after } = this.#options;
    let last = false;
    while (!last && !this.#left && this.#rows.length < epochs) {
      if (signal?.aborted === true) throw new AbortError(this.#run.histories[0]!, signal.reason);
      for (const row of await this.#next()) {
        this.#rows.push(row);
        last = after(row) || last;
      }
      this.#changed();
      await nextTurn();
      while (this.#isBusy()) await this.#change();
    }
  }

  /** Some epochs: the first alone, for by then readers are there. */
  async #next(): Promise<readonly Row[]> {
    const alone = this.#options.oneByOne || this.#rows.length === 0 || this.#readers.size > 0;
    const count = alone ? 1 : this.#run.most(this.#options.epochs - this.#rows.length);
    const models = await this.#run.epochs(count);
    return models[0]!.map((_, i) => models.map((epochs) => epochs[i]!));
  }

  /** Waits for another epoch; who asks says so once, for others may be woken by it. */
  async #more(reader: Reader): Promise<void> {
    if (!reader.asking) {
      reader.asking = true;
      this.#changed();
    }
    await this.#change();
  }

  /** Whether a reader has not come back for the next epoch. */
  #isBusy(): boolean {
    if (this.#left || this.#options.signal?.aborted === true) return false;
    return [...this.#readers].some(({ taken, asking }) => !asking || taken < this.#rows.length);
  }

  async #leave(): Promise<void> {
    this.#left = true;
    this.#run.stop();
    this.#changed();
    while (!this.#ended) await this.#change();
  }

  /** Resolved when something has changed. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
