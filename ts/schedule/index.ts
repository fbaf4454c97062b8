export { chained, sequential, warmUp, type WarmUpOptions } from './compose.ts';
export {
  constant,
  type ConstantOptions,
  cosine,
  type CosineOptions,
  cosineWarmRestarts,
  type CosineWarmRestartsOptions,
  type Curve,
  exponential,
  type ExponentialOptions,
  lambda,
  linear,
  type LinearOptions,
  multiplicative,
  multiStep,
  type MultiStepOptions,
  polynomial,
  type PolynomialOptions,
  step,
  type StepOptions,
} from './curve.ts';
export { cyclic, type CyclicOptions } from './cyclic.ts';
export { type Cycle, oneCycle, type OneCycleOptions } from './one-cycle.ts';
export { Plateau, type PlateauOptions, type PlateauState, reduceOnPlateau } from './plateau.ts';
export { type Curves, of, Schedule, type ScheduleState } from './schedule.ts';
