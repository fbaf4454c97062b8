import { finite, flag, KnownKeys, nonNegative, oneOf, whole } from '../check.ts';
import { checkCurve, type Curve } from './curve.ts';
import type { Cycle } from './one-cycle.ts';

/** Options of {@link cyclic}. */
export interface CyclicOptions {
  /** lr at the bottom. */
  readonly baseLr: number;
  /** lr at the top of the first cycle. */
  readonly maxLr: number;
  /** Steps from the bottom to the top; 2000 unless given. */
  readonly stepSizeUp?: number;
  /** Steps from the top to the bottom; `stepSizeUp` unless given. */
  readonly stepSizeDown?: number;
  /** What later cycles are: as high, half as high as the last, or by gamma^k; `triangular` unless given. */
  readonly mode?: 'triangular' | 'triangular2' | 'expRange';
  /** Of `expRange`; 1 unless given. */
  readonly gamma?: number;
  /** A height of one's own instead of `mode`: of the cycle, from 1, or of the step. */
  readonly scale?: (x: number) => number;
  /** What `scale` is given; `cycle` unless said. */
  readonly scaleMode?: 'cycle' | 'iterations';
  /** Whether momentum falls as lr rises; true unless given. */
  readonly cycleMomentum?: boolean;
  /** Momentum at the top of lr; .8 unless given. */
  readonly baseMomentum?: number;
  /** Momentum at the bottom of lr; .9 unless given. */
  readonly maxMomentum?: number;
}

const keys = new KnownKeys([
  'baseLr',
  'maxLr',
  'stepSizeUp',
  'stepSizeDown',
  'mode',
  'gamma',
  'scale',
  'scaleMode',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
]);

/**
 * lr up and down in lines, again and again, momentum against it: PyTorch's `CyclicLR`. The values of the
 * fields at the start do not matter.
 *
 * @see Smith 2017, https://arxiv.org/abs/1506.01186
 */
export function cyclic(options: CyclicOptions): Cycle {
  const owner = 'schedule.cyclic';
  keys.check(owner, options);
  const { baseLr, maxLr, cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
  nonNegative(owner, 'baseLr', baseLr);
  nonNegative(owner, 'maxLr', maxLr);
  nonNegative(owner, 'baseMomentum', baseMomentum);
  nonNegative(owner, 'maxMomentum', maxMomentum);
  const height = heightOf(owner, options);
  const lr: Curve = (k) => baseLr + (maxLr - baseLr) * height(k);
  if (!flag(owner, 'cycleMomentum', cycleMomentum)) return { lr };
  return { lr, momentum: (k) => maxMomentum - (maxMomentum - baseMomentum) * height(k) };
}

/** How far above the bottom a step is, as a share of the first cycle's height. */
function heightOf(owner: string, options: CyclicOptions): (k: number) => number {
  const { stepSizeUp = 2000, stepSizeDown = stepSizeUp } = options;
  whole(owner, 'stepSizeUp', stepSizeUp, 1);
  whole(owner, 'stepSizeDown', stepSizeDown, 1);
  const scale = scaleOf(owner, options);
  const total = stepSizeUp + stepSizeDown;
  const ratio = stepSizeUp / total;
  return (k) => {
    const cycle = Math.floor(1 + k / total);
    const x = 1 + k / total - cycle;
    return (x <= ratio ? x / ratio : (x - 1) / (ratio - 1)) * scale(cycle, k);
  };
}

function scaleOf(owner: string, options: CyclicOptions): (cycle: number, k: number) => number {
  const { mode = 'triangular', gamma = 1, scale, scaleMode = 'cycle' } = options;
  oneOf(owner, 'mode', mode, ['triangular', 'triangular2', 'expRange']);
  oneOf(owner, 'scaleMode', scaleMode, ['cycle', 'iterations']);
  finite(owner, 'gamma', gamma);
  if (scale !== undefined) {
    checkCurve(owner, 'scale', scale);
    return (cycle, k) => scale(scaleMode === 'cycle' ? cycle : k);
  }
  if (mode === 'triangular') return () => 1;
  return mode === 'triangular2' ? (cycle) => 1 / 2 ** (cycle - 1) : (_, k) => gamma ** k;
}
