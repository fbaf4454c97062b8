import type { Module } from '../nn/index.ts';
import { Drive } from './drive.ts';
import { type FitRun, launch } from './fit-run.ts';
import type { Epoch } from './epoch.ts';
import type { History } from './history.ts';
import { type FitManyOptions, type FitOptions, runOf, runOfMany } from './options.ts';
import type { Run } from './run.ts';
import { Stopping } from './stopping.ts';

/**
 * Trains a model and returns its history, an entry per epoch. The steps run on a thread of their own,
 * captured as `compile` captures them: the event loop stays free, and the results are those of the
 * loop written by hand, bit for bit. The first two steps run on the calling thread.
 *
 * What is returned is a promise, and an iterable of epochs as they end: see {@link FitRun}.
 *
 * With `onProgress` or `earlyStopping`, or in a loop over the epochs, the run waits after each one, so
 * options of groups that are changed then hold from the next one on; without them they are read some
 * hundred epochs at a time.
 *
 * @throws {AbortError} with the history so far, when `signal` is aborted; the weights are those
 *   of the last whole step.
 * @throws {ArgumentError} `ERR_TYPE` if parameters do not lie in shared memory.
 * @throws {NonFiniteError} `ERR_NONFINITE` when loss or gradient is not finite, before the step that they
 *   would make, unless such steps are skipped.
 * @example
 * const history = await fit(model, { train, validation, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 20, batchSize: 32 });
 * history.at(-1).validation.total;
 */
export function fit(model: Module, options: FitOptions): FitRun {
  let run: Run;
  let stopping: Stopping | undefined;
  const historyOf = (): History => run.histories[0]!;
  return launch<History, Epoch, number>(
    () => {
      run = runOf(model, options);
      const { optimizer, onProgress, earlyStopping, epochs, signal } = options;
      stopping = earlyStopping === undefined ? undefined : new Stopping(earlyStopping);
      const oneByOne = onProgress !== undefined || stopping !== undefined;
      const after = ([epoch]: readonly Epoch[]): boolean => {
        onProgress?.(epoch!);
        return stopping?.ends(epoch!, historyOf(), optimizer) ?? false;
      };
      return new Drive(run, { epochs, signal, oneByOne, after });
    },
    {
      result(whole) {
        if (whole && stopping !== undefined) historyOf().best?.restore();
        return historyOf();
      },
      item: ([epoch]) => epoch!,
      loss: ([loss]) => loss!,
    },
  );
}

/**
 * Trains models of their own optimizers on the same batches, in one native run, and returns their
 * histories: seeds, strengths or learning rates side by side. Each has the bits of its own {@link fit}. Iterated,
 * it gives the epochs of all models together.
 *
 * @example
 * const histories = await fitMany(models, { optimizers, train, loss, epochs: 20, batchSize: 32 });
 */
export function fitMany(
  models: readonly Module[],
  options: FitManyOptions,
): FitRun<History[], readonly Epoch[], readonly number[]> {
  let run: Run;
  return launch<History[], readonly Epoch[], readonly number[]>(
    () => {
      run = runOfMany(models, options);
      const { epochs, signal } = options;
      return new Drive(run, { epochs, signal, oneByOne: false, after: () => false });
    },
    { result: () => [...run.histories], item: (row) => row, loss: (losses) => losses },
  );
}
