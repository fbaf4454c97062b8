export { type ParameterSparsity, sparsity, type SparsityReport } from './sparsity.ts';
