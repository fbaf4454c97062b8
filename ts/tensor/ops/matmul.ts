import { ArgumentError } from '../../errors.ts';
import { type FloatArray, ops } from '../../native.ts';
import type { Operation, Value } from '../graph.ts';
import { showShape } from '../shape.ts';
import { allocateLike, floatData } from '../value.ts';

/** Throws unless `value` is a matrix, and returns its shape. */
function matrix(owner: string, name: string, value: Value): readonly [rows: number, columns: number] {
  const [rows, columns, ...rest] = value.shape;
  if (rows !== undefined && columns !== undefined && rest.length === 0) return [rows, columns];
  throw new ArgumentError('ERR_SHAPE', owner, name, 'a matrix [rows, columns]', showShape(value.shape));
}

/** Throws unless `value` has the precision of `like`. */
export function alike(owner: string, name: string, value: Value, like: Value): void {
  if (value.dtype === like.dtype) return;
  throw new ArgumentError(
    'ERR_TYPE',
    owner,
    name,
    `of ${like.dtype}`,
    value.dtype,
    'Both must have one precision.',
  );
}

/** The elements of a matrix, and 1 if they lie transposed: then a view of columns needs no copy. */
function stored(owner: string, name: string, value: Value): readonly [FloatArray, transposed: 0 | 1] {
  const { view, shape, array } = value;
  const [rows, columns] = shape;
  const whole = view?.offset === 0 && array.length === value.size && !(array instanceof Int32Array);
  if (whole && view.strides[0] === 1 && view.strides[1] === rows && rows! > 1 && columns! > 1) {
    return [array, 1];
  }
  return [floatData(owner, name, value), 0];
}

/** a[m, k] · b[k, n]. */
export const matmul: Operation<void> = {
  name: 'matmul',
  forward([a, b]) {
    const [m, k] = matrix('matmul', 'this', a!);
    const [rows, n] = matrix('matmul', 'other', b!);
    alike('matmul', 'other', b!, a!);
    if (rows !== k) {
      const expected = `a matrix of ${k} rows, for this tensor is ${showShape(a!.shape)}`;
      throw new ArgumentError('ERR_SHAPE', 'matmul', 'other', expected, showShape(b!.shape));
    }
    const data = allocateLike(a!, m * n);
    const [[x, transposeX], [y, transposeY]] = [stored('matmul', 'this', a!), stored('matmul', 'other', b!)];
    ops['matmul']!(x, y, data, m, n, k, transposeX, transposeY);
    return { data, shape: [m, n] };
  },
  backward(gradient, [a, b], _saved, target) {
    const [m, k] = matrix('matmul', 'this', a!);
    const [, n] = matrix('matmul', 'other', b!);
    const byA = target(0);
    if (byA !== undefined) {
      const [y, transposed] = stored('matmul', 'other', b!);
      ops['matmul']!(gradient, y, byA, m, k, n, 0, 1 - transposed);
    }
    const byB = target(1);
    if (byB !== undefined) {
      const [x, transposed] = stored('matmul', 'this', a!);
      ops['matmul']!(x, gradient, byB, k, n, m, 1 - transposed, 0);
    }
  },
};

/** The three axes of a batch of matrices. */
function batch({ shape }: Value): readonly [batches: number, rows: number, columns: number] {
  return [shape[0]!, shape[1]!, shape[2]!];
}

/** a[batch, m, k] · b[batch, k, n], matrix by matrix. */
export const batchedMatmul: Operation<void> = {
  name: 'matmul',
  forward([a, b]) {
    const [batches, m, k] = batch(a!);
    const [, , n] = batch(b!);
    const data = allocateLike(a!, batches * m * n);
    const [x, y] = [floatData('matmul', 'this', a!), floatData('matmul', 'other', b!)];
    ops['matmul_batches']!(x, y, data, batches, m, n, k, 0, 0);
    return { data, shape: [batches, m, n] };
  },
  backward(gradient, [a, b], _saved, target) {
    const [batches, m, k] = batch(a!);
    const [, , n] = batch(b!);
    const byA = target(0);
    if (byA !== undefined)
      ops['matmul_batches']!(gradient, floatData('matmul', 'other', b!), byA, batches, m, k, n, 0, 1);
    const byB = target(1);
    if (byB !== undefined)
      ops['matmul_batches']!(floatData('matmul', 'this', a!), gradient, byB, batches, k, n, m, 1, 0);
  },
};

/** x[n, in] · weight[out, in]ᵀ + bias[out]: a fully connected layer; the bias may be left out. */
export const linear: Operation<void> = {
  name: 'linear',
  forward([x, weight, bias]) {
    const owner = 'linear';
    const [m, k] = matrix(owner, 'x', x!);
    const [n, inputs] = matrix(owner, 'weight', weight!);
    alike(owner, 'weight', weight!, x!);
    if (inputs !== k) {
      const expected = `of shape [samples, ${inputs}], for the layer has ${inputs} inputs and ${n} outputs`;
      throw new ArgumentError('ERR_SHAPE', owner, 'x', expected, showShape(x!.shape));
    }
    const data = allocateLike(x!, m * n);
    ops['matmul']!(floatData(owner, 'x', x!), floatData(owner, 'weight', weight!), data, m, n, k, 0, 1);
    if (bias !== undefined) {
      alike(owner, 'bias', bias, x!);
      ops['add_bias']!(floatData(owner, 'bias', bias), data, m, n);
    }
    return { data, shape: [m, n] };
  },
  backward(gradient, [x, weight, bias], _saved, target) {
    const [m, k] = matrix('linear', 'x', x!);
    const [n] = matrix('linear', 'weight', weight!);
    const byX = target(0);
    if (byX !== undefined)
      ops['matmul']!(gradient, floatData('linear', 'weight', weight!), byX, m, k, n, 0, 0);
    const byWeight = target(1);
    if (byWeight !== undefined)
      ops['matmul']!(gradient, floatData('linear', 'x', x!), byWeight, n, k, m, 1, 0);
    const byBias = bias === undefined ? undefined : target(2);
    if (byBias !== undefined) ops['sum_rows']!(gradient, byBias, m, n);
  },
};
