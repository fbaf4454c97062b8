export { accuracy } from './accuracy.ts';
export { auc } from './auc.ts';
export type { MetricChoice } from './choice.ts';
export type { ScoreOptions, Scores } from './classes.ts';
export { f1 } from './f1.ts';
export { logLoss } from './log-loss.ts';
export type { MetricName, Samples } from './metric.ts';
export { mae, r2 } from './regression.ts';
