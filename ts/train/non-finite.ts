import { RidgelineError } from '../errors.ts';
import type { History } from './history.ts';
import type { Learner } from './learner.ts';
import type { Culprit } from './replay.ts';

/** What a run knew of a step that was not finite. */
export interface NonFiniteStep {
  /** Epoch and step in it, from 1. */
  readonly epoch: number;
  readonly step: number;
  /** The loss of the step. */
  readonly loss: number;
  /** The first operation with a result that is not finite, with its dimensions; undefined if none was found. */
  readonly operation: string | undefined;
  /** The first parameter that is not finite, or else the first whose gradient is not; undefined if none is. */
  readonly parameter: string | undefined;
}

/**
 * Thrown when a step of a run was not finite, before it was made: the weights are those of the last whole
 * step, and what the run had done is here.
 */
export class NonFiniteError extends RidgelineError implements NonFiniteStep {
  override readonly name: string = 'NonFiniteError';
  readonly history: History;
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly operation: string | undefined;
  readonly parameter: string | undefined;

  constructor(owner: string, history: History, step: NonFiniteStep, message: string, cause: unknown) {
    super('ERR_NONFINITE', `${owner}: ${message}`, { cause });
    this.history = history;
    this.epoch = step.epoch;
    this.step = step.step;
    this.loss = step.loss;
    this.operation = step.operation;
    this.parameter = step.parameter;
  }
}

/** A step that was run again and is not finite, in words. */
export function nonFiniteError(
  owner: string,
  history: History,
  place: { readonly epoch: number; readonly step: number; readonly model: number | undefined },
  { loss, culprit, parameter }: Finding,
  cause: unknown,
): NonFiniteError {
  const { epoch, step, model } = place;
  const operation = culprit === undefined ? undefined : `${culprit.name} [${culprit.dims.join(', ')}]`;
  const what = Number.isFinite(loss) ? 'a gradient is not finite' : `the loss is ${loss}`;
  const of = model === undefined ? '' : ` of model ${model}`;
  const message = [
    `${what} at step ${step} of epoch ${epoch}${of}.`,
    culprit === undefined ? undefined : origin(culprit, operation!),
    parameter?.text ?? 'All weights and gradients are finite.',
    'The weights are those before this step.',
    "A smaller learning rate, or clipGradNorm, may help; nonFinite: 'skip' leaves such steps out.",
  ];
  const known = { epoch, step, loss, operation, parameter: parameter?.name };
  return new NonFiniteError(owner, history, known, message.filter(Boolean).join(' '), cause);
}

/** What a step that was run again shows. */
export interface Finding {
  readonly loss: number;
  readonly culprit: Culprit | undefined;
  readonly parameter: { readonly name: string; readonly text: string } | undefined;
}

/** What a learner, whose step was just run again, shows. */
export function findingOf(learner: Learner, culprit: Culprit | undefined): Finding {
  const parameters = learner.options.model.describeParameters();
  const weights = parameters.find(({ parameter }) => !parameter.array.every(Number.isFinite));
  const gradient = parameters.find(({ parameter: { grad } }) => grad?.array.every(Number.isFinite) === false);
  return { loss: learner.stepLoss, culprit, parameter: described(weights?.name, gradient?.name) };
}

function described(weights: string | undefined, gradient: string | undefined): Finding['parameter'] {
  if (weights !== undefined) return { name: weights, text: `The weights \`${weights}\` are not finite.` };
  if (gradient === undefined) return undefined;
  const text = `All weights are finite; the first gradient that is not is that of \`${gradient}\`.`;
  return { name: gradient, text };
}

/** Operations that copy samples: what they give was in the data. */
const copies: ReadonlySet<string> = new Set(['gather_rows', 'gather_labels']);

function origin({ name, where }: Culprit, operation: string): string {
  if (copies.has(name)) return 'The samples of this step hold a number that is not finite.';
  return `The first operation with a result that is not finite is ${operation}, ${where}.`;
}
