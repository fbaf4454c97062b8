import { flag, KnownKeys, whole } from '../check.ts';
import { type FloatArray, ops } from '../native.ts';
import { floats } from './arrays.ts';
import { type ExecOptions, withExec } from './exec.ts';

/** The shape of a product: out[m, n] = op(a)[m, k] · op(b)[k, n], all row-major. */
export interface MatmulOptions extends ExecOptions {
  /** Rows of `out`. */
  readonly m: number;
  /** Columns of `out`. */
  readonly n: number;
  /** The summed axis. */
  readonly k: number;
  /** Whether `a` is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** Whether `b` is stored as [n, k]. */
  readonly transposeB?: boolean;
}

const known = new KnownKeys(['m', 'n', 'k', 'transposeA', 'transposeB', 'isa', 'threads']);

/**
 * out ← op(a)·op(b), row-major, in place. The bits depend on the shape and the CPU, not on the
 * number of threads; `isa` does not apply to it.
 *
 * @example
 * const out = new Float32Array(1);
 * matmul(Float32Array.of(1, 2), Float32Array.of(3, 4), out, { m: 1, n: 1, k: 2 }); // out is [11]
 */
export function matmul(a: FloatArray, b: FloatArray, out: FloatArray, options: MatmulOptions): void {
  const owner = 'kernels.matmul';
  known.check(owner, options);
  const [m, n, k] = [
    whole(owner, 'm', options.m),
    whole(owner, 'n', options.n),
    whole(owner, 'k', options.k),
  ];
  const transposeA = Number(flag(owner, 'transposeA', options.transposeA ?? false));
  const transposeB = Number(flag(owner, 'transposeB', options.transposeB ?? false));
  floats(owner, 'a', a);
  floats(owner, 'b', b);
  floats(owner, 'out', out);
  withExec(owner, options, () => ops['matmul']!(a, b, out, m, n, k, transposeA, transposeB));
}
