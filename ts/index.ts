export { ArgumentError, type ErrorCode, RidgelineError } from './errors.ts';
export * as kernels from './kernels/index.ts';
export type { Apply, Decay, UpdateStats } from './kernels/index.ts';
export * as metrics from './metrics/index.ts';
export * as nn from './nn/index.ts';
export * as optim from './optim/index.ts';
export * as penalty from './penalty/index.ts';
export * as schedule from './schedule/index.ts';
export { Generator, manualSeed } from './random.ts';
export {
  arange,
  eye,
  type FillOptions,
  full,
  linspace,
  type NestedNumbers,
  ones,
  rand,
  randint,
  randn,
  type RandomOptions,
  tensor,
  type TensorOptions,
  zeros,
} from './tensor/creation.ts';
export type { DType, FloatDType, TensorArray } from './tensor/dtype.ts';
export type { Extreme, VarianceOptions } from './tensor/folded.ts';
export { gradcheck, type GradcheckOptions } from './tensor/gradcheck.ts';
export { concat, stack } from './tensor/join.ts';
export type { ClampBounds } from './tensor/pointwise.ts';
export { noGrad, Tensor } from './tensor/tensor.ts';
export type { Axes } from './tensor/viewed.ts';
export type { Shape } from './tensor/shape.ts';
export { where } from './tensor/where.ts';
export * as data from './data/index.ts';
export * as io from './io/index.ts';
export { load, save } from './io/index.ts';
export * from './compile/index.ts';
export * as report from './report/index.ts';
export * from './train/index.ts';
