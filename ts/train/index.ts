export { evaluate } from './evaluate.ts';
export {
  type CommonFitOptions,
  type EarlyStopping,
  fit,
  fitMany,
  type FitManyOptions,
  type FitOptions,
} from './fit.ts';
export { AbortError, type Best, type Epoch, History, type LossParts, type Score } from './history.ts';
export { predict } from './predict.ts';
export type { FitOptimizer } from './learner.ts';
export type { Schedule } from './run.ts';
