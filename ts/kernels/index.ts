/** The raw layer: zero-copy loops over the caller's own typed arrays, in place. */
export type { Apply, Decay, UpdateStats } from './control.ts';
export { type ExecOptions, info, type Isa, type KernelInfo, setThreads } from './exec.ts';
export { matmul, type MatmulOptions } from './matmul.ts';
export type { AdamOptions, OwnOptions, SgdOptions, UpdateOptions } from './options.ts';
export {
  addPenaltyGradient,
  penaltyValue,
  penaltyViolation,
  prox,
  softThreshold,
  type Strengths,
} from './penalty.ts';
export { stream } from './stream.ts';
export {
  adam,
  adamw,
  type AdamArrays,
  bind,
  type BoundUpdate,
  type OwnArrays,
  type OwnKind,
  sgd,
  type SgdArrays,
} from './update.ts';
