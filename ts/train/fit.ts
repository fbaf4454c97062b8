import { setImmediate as nextTurn } from 'node:timers/promises';
import { KnownKeys, whole } from '../check.ts';
import type { Batch, Dataset } from '../data/index.ts';
import type { UpdateStats } from '../kernels/control.ts';
import type { Loss, Module } from '../nn/index.ts';
import { penaltiesOf, type GroupOptions } from '../optim/group.ts';
import type { Optimizer } from '../optim/index.ts';
import { Generator } from '../random.ts';
import { accuracy, evaluate, score } from './evaluate.ts';
import { AbortError, type Epoch, type Score } from './history.ts';

/** What {@link fit} trains on, and how. */
export interface FitOptions {
  readonly train: Dataset;
  /** Scored after each epoch. */
  readonly validation?: Dataset;
  readonly loss: Loss;
  readonly optimizer: Pick<Optimizer<GroupOptions>, 'paramGroups' | 'step' | 'zeroGrad'>;
  /** Passes over the training part, at least 1. */
  readonly epochs: number;
  /** Samples of a step, at least 1. */
  readonly batchSize: number;
  /** Where the order of the samples comes from; 0 unless given. */
  readonly seed?: number;
  /** Whether the samples are shuffled anew in each epoch; true unless given. */
  readonly shuffle?: boolean;
  /** Called after each epoch. */
  readonly onProgress?: (epoch: Epoch) => void;
  /** Heard between steps. */
  readonly signal?: AbortSignal;
}

const known = new KnownKeys([
  'train',
  'validation',
  'loss',
  'optimizer',
  'epochs',
  'batchSize',
  'seed',
  'shuffle',
  'onProgress',
  'signal',
]);

/**
 * Trains a model and returns its history, an entry per epoch. It runs on the calling thread and
 * gives the event loop a turn after each epoch.
 *
 * @throws {AbortError} with the history so far, when `signal` is aborted.
 * @example
 * const history = await fit(model, { train, validation, loss: new nn.CrossEntropyLoss(), optimizer, epochs: 20, batchSize: 32 });
 * history.at(-1).validation.total;
 */
export async function fit(model: Module, options: FitOptions): Promise<Epoch[]> {
  known.check('fit', options);
  const epochs = whole('fit', 'epochs', options.epochs, 1);
  const generator = new Generator(options.seed ?? 0);
  const history: Epoch[] = [];
  model.train();
  while (history.length < epochs) {
    const epoch = runEpoch(model, options, generator, history);
    history.push(epoch);
    options.onProgress?.(epoch);
    await nextTurn();
  }
  return history;
}

function runEpoch(
  model: Module,
  options: FitOptions,
  generator: Generator,
  history: readonly Epoch[],
): Epoch {
  const { train, loss, optimizer, batchSize, shuffle = true, signal } = options;
  const mean = new MeanScore();
  let last: UpdateStats | undefined;
  for (const batch of train.batches(shuffle ? { batchSize, shuffle: generator } : { batchSize })) {
    if (signal?.aborted === true) throw new AbortError(history, signal.reason);
    last = step(model, batch, loss, optimizer, mean);
  }
  const { zeros, weightNorm } = last ?? { zeros: 0, weightNorm: 0 };
  return { epoch: history.length + 1, train: mean.score(), ...validate(model, options), zeros, weightNorm };
}

/** The score of the validation part, where there is one. */
function validate(model: Module, { validation, loss, optimizer }: FitOptions): Pick<Epoch, 'validation'> {
  if (validation === undefined) return {};
  return { validation: evaluate(model, validation, loss, penaltyOf(optimizer)) };
}

function step(
  model: Module,
  { x, y }: Batch,
  loss: Loss,
  optimizer: FitOptions['optimizer'],
  mean: MeanScore,
): UpdateStats {
  const output = model.forward(x);
  const value = loss.forward(output, y);
  optimizer.zeroGrad();
  value.backward();
  const stats = optimizer.step();
  mean.add(x.shape[0]!, value.item(), stats.penalty, accuracy(output, y));
  return stats;
}

/** What the parameters of an optimizer's groups pay now. */
function penaltyOf({ paramGroups }: Pick<Optimizer<GroupOptions>, 'paramGroups'>): number {
  let total = 0;
  for (const group of paramGroups)
    for (const penalty of penaltiesOf(group)) total += penalty.value(group.params);
  return total;
}

/** Means over samples. */
class MeanScore {
  #samples = 0;
  #data = 0;
  #penalty = 0;
  #correct: number | undefined = 0;

  add(samples: number, data: number, penalty: number, correct: number | undefined): void {
    this.#samples += samples;
    this.#data += samples * data;
    this.#penalty += samples * penalty;
    this.#correct =
      correct === undefined || this.#correct === undefined ? undefined : this.#correct + samples * correct;
  }

  score(): Score {
    const n = this.#samples;
    return score(
      this.#data / n,
      this.#penalty / n,
      this.#correct === undefined ? undefined : this.#correct / n,
    );
  }
}
