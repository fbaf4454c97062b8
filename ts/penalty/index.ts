export { elasticNet, type ElasticNetStrengths, l1, l2, Penalty, type PenaltyOfOptions } from './penalty.ts';
