export { type Batch, type BatchOptions, Dataset } from './dataset.ts';
export { Sampler } from './sampler.ts';
export { type Digits, loadDigits } from './digits.ts';
