export { evaluate } from './evaluate.ts';
export { fit, type FitOptions } from './fit.ts';
export { AbortError, type Epoch, type LossParts, type Score } from './history.ts';
