export { type Csv, type CsvOptions, parseCsv, readCsv } from './csv.ts';
export { type Batch, type BatchOptions, Dataset } from './dataset.ts';
export { type Digits, loadDigits } from './digits.ts';
export { makeSparseRegression, type SparseRegression, type SparseRegressionOptions } from './generate.ts';
export { DataLoader, type DataLoaderOptions } from './loader.ts';
export { StandardScaler } from './scaler.ts';
export { mixup, type Mixture, type MixupOptions } from './mixup.ts';
export { type Fold, kFold, type KFoldOptions, randomSplit } from './split.ts';
