import { type FloatArray, ops } from '../native.ts';
import { alike, floats } from './arrays.ts';
import { type ExecOptions, execKeys, withExec } from './exec.ts';

/**
 * Reads four arrays and writes three, with hardly any arithmetic: what memory allows to an update
 * of the same arrays, and so the yardstick for {@link adamw}. The values mean nothing.
 */
export function stream(
  weights: FloatArray,
  grads: FloatArray,
  m: FloatArray,
  v: FloatArray,
  options: ExecOptions = {},
): void {
  const owner = 'kernels.stream';
  execKeys.check(owner, options);
  floats(owner, 'weights', weights);
  alike(owner, 'grads', grads, weights, 'weights');
  alike(owner, 'm', m, weights, 'weights');
  alike(owner, 'v', v, weights, 'weights');
  withExec(owner, options, () => ops['stream']!(weights, grads, m, v, weights.length));
}
