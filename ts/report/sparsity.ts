import { KnownKeys, nonNegative } from '../check.ts';
import { ops } from '../native.ts';
import { recording } from '../recorder.ts';
import type { Module, ParameterKind } from '../nn/index.ts';
import type { Shape } from '../tensor/shape.ts';
import { floatData } from '../tensor/value.ts';

/** How sparse a parameter is. */
export interface ParameterSparsity {
  /** Its dotted name. */
  readonly name: string;
  readonly kind: ParameterKind | undefined;
  readonly shape: Shape;
  readonly size: number;
  /** Weights that are exactly 0. */
  readonly exactZeros: number;
  /** Weights with |w| below the threshold, those that are exactly 0 among them. */
  readonly nearZeros: number;
  /** Σ|w|. */
  readonly l1: number;
  /** √Σw². */
  readonly norm: number;
}

/** How sparse a model is. */
export interface SparsityReport {
  /** What counts as nearly zero. */
  readonly threshold: number;
  readonly parameters: readonly ParameterSparsity[];
  /** All parameters together. */
  readonly total: Pick<ParameterSparsity, 'size' | 'exactZeros' | 'nearZeros' | 'l1' | 'norm'>;
}

const figures = new Float64Array(4);
const known = new KnownKeys(['threshold']);

/**
 * Exact and near zeros of every parameter. The two are told apart: L1 by subgradient leaves weights
 * that are small and none that is zero.
 *
 * @param options `threshold` of nearly zero, 1e-4 unless given.
 */
export function sparsity(model: Module, options: { readonly threshold?: number } = {}): SparsityReport {
  known.check('report.sparsity', options);
  const threshold = nonNegative('report.sparsity', 'threshold', options.threshold ?? 1e-4);
  const parameters = model.describeParameters().map(({ name, parameter, kind }): ParameterSparsity => {
    const data = floatData('report.sparsity', name, parameter);
    recording.now?.looks('report.sparsity');
    ops['sparsity']!(data, figures, data.length, threshold);
    const [exactZeros, nearZeros, l1, squares] = [figures[0]!, figures[1]!, figures[2]!, figures[3]!];
    const { shape, size } = parameter;
    return { name, kind, shape, size, exactZeros, nearZeros, l1, norm: Math.sqrt(squares) };
  });
  const sum = (of: (parameter: ParameterSparsity) => number): number =>
    parameters.reduce((total, parameter) => total + of(parameter), 0);
  return {
    threshold,
    parameters,
    total: {
      size: sum(({ size }) => size),
      exactZeros: sum(({ exactZeros }) => exactZeros),
      nearZeros: sum(({ nearZeros }) => nearZeros),
      l1: sum(({ l1 }) => l1),
      norm: Math.sqrt(sum(({ norm }) => norm ** 2)),
    },
  };
}
