import { RidgelineError } from '../errors.ts';
import type { Drive, Row } from './drive.ts';
import type { Epoch } from './epoch.ts';
import type { History } from './history.ts';

/** How far a run is. */
export interface Progress<Loss = number> {
  /** The epoch that it is at, from 1; 0 before the first. */
  readonly epoch: number;
  /** The step of that epoch that it is at, from 1; 0 before the first. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** The mean data loss over the epoch so far, NaN before the first step; of `fitMany` that of each model. */
  readonly loss: Loss;
}

/** What the users of a run see. */
interface Views<Result, Item, Loss> {
  /** The result of a run, which came to its end or was left. */
  result(whole: boolean): Result;
  item(row: Row): Item;
  loss(losses: readonly number[]): Loss;
}

/**
 * A run under way: awaited it gives its result, iterated its epochs.
 *
 * The run goes at the pace of the loop: the next epoch starts when the body is done with the last one, so
 * the weights are those of the epoch at hand, and options of groups that are changed hold from the next
 * one on. Leaving the loop ends the run after the step that it is at, and the promise is fulfilled with
 * what was done. What the run throws, the loop throws.
 *
 * @example
 * const run = fit(model, options);
 * for await (const { epoch, validation } of run) if (validation.accuracy > 0.9) break;
 * const history = await run;
 */
export class FitRun<Result = History, Item = Epoch, Loss = number>
  extends Promise<Result>
  implements AsyncIterable<Item>
{
  readonly #drive: Drive | undefined;
  readonly #views: Views<Result, Item, Loss>;

  /** Use `fit` or `fitMany`. */
  constructor(result: Promise<Result>, drive: Drive | undefined, views: Views<Result, Item, Loss>) {
    super((resolve) => {
      resolve(result);
    });
    this.#drive = drive;
    this.#views = views;
  }

  /** What `then` and its like make are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /**
   * How far the run is, read where native code counts: it is not disturbed, and its figures are those of
   * one moment only as far as they are read at once.
   *
   * @throws {RidgelineError} `ERR_STATE` of a run that was refused and never started.
   */
  get progress(): Progress<Loss> {
    if (this.#drive === undefined) {
      throw new RidgelineError('ERR_STATE', 'fit: this run never started. Await it for the reason.');
    }
    const { losses, ...place } = this.#drive.progress;
    return { ...place, loss: this.#views.loss(losses) };
  }

  /** The epochs, from the first one on. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    this.catch(() => {}); // the loop throws it
    if (this.#drive !== undefined) {
      for await (const row of this.#drive.read()) yield this.#views.item(row);
    }
    await this;
  }
}

/** Starts what `make` makes; what that throws is the promise's. */
export function launch<Result, Item, Loss>(
  make: () => Drive,
  views: Views<Result, Item, Loss>,
): FitRun<Result, Item, Loss> {
  const made: { drive?: Drive } = {};
  const run = async (): Promise<Result> => {
    made.drive = make();
    return views.result(await made.drive.run());
  };
  return new FitRun(run(), made.drive, views);
}
