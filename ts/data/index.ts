export { type Batch, type BatchOptions, Dataset } from './dataset.ts';
export { type Digits, loadDigits } from './digits.ts';
