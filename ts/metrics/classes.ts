/** What metrics of classes share: scores in rows, and targets as labels. */
import { KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { recording } from '../recorder.ts';
import { allocateInts } from '../tensor/memory.ts';
import { showShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elementsOf, floatData, intData } from '../tensor/value.ts';
import { refuseShape } from './metric.ts';

/** What the outputs of a classifier are: `logits` are what the losses of `nn` take. */
export type Scores = 'logits' | 'probabilities';

/** Options of metrics of classes. */
export interface ScoreOptions {
  /** What the outputs are: `logits` unless given. */
  readonly from?: Scores;
}

const known = new KnownKeys(['from']);

/** What the outputs are, by the options of `owner`. */
export function scoresOf(owner: string, options: ScoreOptions): Scores {
  known.check(owner, options);
  return oneOf(owner, 'from', options.from ?? 'logits', ['logits', 'probabilities']);
}

/** Above what a single score is for class 1. */
export function thresholdOf(from: Scores): number {
  return from === 'logits' ? 0 : 0.5;
}

/** Scores in rows: one a sample, for class 1, or one for each class. */
export interface ScoreRows {
  readonly data: FloatArray;
  readonly rows: number;
  readonly width: number;
}

/** The scores of `output`: [n], [n, 1] or [n, classes]. */
export function rowsOf(owner: string, output: Tensor): ScoreRows {
  const [rows, width = 1, ...rest] = output.shape;
  if (rows === undefined || width === 0 || rest.length > 0)
    refuseShape(owner, 'output', 'scores [n], [n, 1] or [n, classes]', output);
  return { data: floatData(owner, 'output', output), rows, width };
}

/** Throws unless `target` holds a class of each of `rows` samples: int32, or 0 and 1 where a score is one. */
export function checkTarget(owner: string, target: Tensor, rows: number, width: number): void {
  const { array, shape } = target;
  if (!(array instanceof Int32Array) && width > 2) {
    const fix = 'Make it with tensor(Int32Array.from(labels)).';
    throw new ArgumentError(
      'ERR_TYPE',
      owner,
      'target',
      'an int32 tensor of class numbers',
      target.dtype,
      fix,
    );
  }
  const [samples, one = 1, ...rest] = shape;
  if (samples === rows && one === 1 && rest.length === 0) return;
  throw new ArgumentError('ERR_SHAPE', owner, 'target', `of shape [${rows}], a class each`, showShape(shape));
}

/** Throws unless all of `target`, called `name`, are classes: numbers that are no labels must be 0 or 1. */
export function checkValues(owner: string, name: string, tensor: Tensor): void {
  if (tensor.dtype === 'int32') return;
  const array = elementsOf(owner, name, tensor);
  const at = array.findIndex((value) => value !== 0 && value !== 1);
  if (at >= 0) throw new ArgumentError('ERR_VALUE', owner, `${name}[${at}]`, 'a class, 0 or 1', array[at]!);
}

/** The targets as labels; −1 where a number is none. */
export function labelsOf(owner: string, target: Tensor): Int32Array {
  if (target.dtype === 'int32') return intData(owner, 'target', target);
  if (recording.now === undefined) checkValues(owner, 'target', target);
  const labels = allocateInts(target.size);
  ops['labels']!(floatData(owner, 'target', target), labels, labels.length);
  return labels;
}
