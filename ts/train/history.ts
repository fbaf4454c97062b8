import { RidgelineError } from '../errors.ts';
import type { AveragedModel } from '../optim/index.ts';
import type { Epoch, Score } from './epoch.ts';
import { plot, type PlotOptions } from './plot.ts';
import { vegaLite, type VegaLiteOptions, type VegaLiteSpec } from './vega-lite.ts';

/** The weights after the epoch that did best. */
export interface Best {
  /** Its number, from 1. */
  readonly epoch: number;
  /** What it was judged by: the total loss of the validation part, of the training part without one. */
  readonly loss: number;
  /** Puts its weights back into the model: those that were judged, averaged ones if they were. */
  restore(): void;
}

/** The epochs of a run, in order; printed, a table of them. */
export class History extends Array<Epoch> {
  /** The best epoch, where the run looked out for it (`earlyStopping`). */
  best: Best | undefined;
  /** The weights averaged over the run, where it averaged them: `average.swap()` puts them into the model. */
  average: AveragedModel | undefined;

  /** What `map` and its like make are plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The epochs as plain data, for `JSON.stringify`; {@link fromJSON} takes them back. */
  toJSON(): Epoch[] {
    return structuredClone([...this]);
  }

  /** A history of the epochs that JSON held: what was not finite is null there, and NaN here. */
  static fromJSON(epochs: readonly Epoch[]): History {
    const text = JSON.stringify(epochs);
    const revived = JSON.parse(text, (_, value: unknown) => value ?? Number.NaN) as Epoch[];
    const history = new History();
    for (const epoch of revived) history.push(epoch);
    return history;
  }

  /**
   * A text chart of a score by epoch, training as a line and validation as dots, for a terminal.
   *
   * @throws {RidgelineError} `ERR_SELECTOR` for a score that no epoch has.
   * @example
   * console.log(history.plot({ score: 'accuracy' }));
   */
  plot(options: PlotOptions = {}): string {
    return plot(this, options);
  }

  /** A Vega-Lite specification of scores by epoch. */
  toVegaLite(options: VegaLiteOptions = {}): VegaLiteSpec {
    return vegaLite(this, options);
  }

  /** A line an epoch: losses in their parts, metrics, zeros, steps that were skipped. */
  override toString(): string {
    return [...this]
      .map(({ epoch, train, validation, zeros, weightNorm, skipped }) =>
        [
          `epoch ${epoch}`,
          partText('train', train),
          ...(validation === undefined ? [] : [partText('validation', validation)]),
          `${zeros} zeros`,
          `norm ${weightNorm.toFixed(3)}`,
          ...(skipped > 0 ? [`${skipped} skipped`] : []),
        ].join(' · '),
      )
      .join('\n');
  }
}

function partText(name: string, { data, penalty, total, accuracy, ...metrics }: Score): string {
  const loss = `${name} ${total.toFixed(4)} = ${data.toFixed(4)} + ${penalty.toFixed(4)}`;
  const figures = Object.entries(metrics).map(([metric, value]) => `${metric} ${value.toFixed(4)}`);
  if (accuracy !== undefined) figures.unshift(`accuracy ${(100 * accuracy).toFixed(1)} %`);
  return [loss, ...figures].join(', ');
}

/** Thrown when a run was aborted: what it had done is here, and the weights are those of the last step. */
export class AbortError extends RidgelineError {
  override readonly name: string = 'AbortError';
  readonly history: History;

  constructor(history: History, reason: unknown) {
    super('ERR_ABORT', `fit: aborted after ${history.length} whole epochs`, { cause: reason });
    this.history = history;
  }
}
