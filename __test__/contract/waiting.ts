/** A file of the contract that imports names which `ridgeline` does not export yet. */
export interface WaitingFile {
  readonly name: string;
  /** The missing names: while one is missing the file cannot be type checked (tsconfig.json leaves it out). */
  readonly imports: readonly string[];
  /** Whether its tests run all the same; if not, vitest.config.ts leaves it out. */
  readonly runs: boolean;
}

/** One test that waits in a file that runs. */
export interface WaitingTest {
  readonly file: string;
  readonly name: string;
  readonly waitsFor: string;
}

/** When one of these exports everything it imports, waiting.test.ts fails until its line, and that of tsconfig.json, go. */
export const waitingFiles: readonly WaitingFile[] = [
  { name: 'linear.test.ts', imports: ['data', 'linear', 'select'], runs: false },
  { name: 'texts.test.ts', imports: ['prior'], runs: true },
];

/** Run, but reported as skipped as long as they fail; one that passes fails until its line goes (runner.ts). */
export const waitingTests: readonly WaitingTest[] = [
  {
    file: 'texts.test.ts',
    name: 'priors: L2 is Gaussian N(0, 1/(2 lambda)), L1 is Laplace(0, 1/lambda)',
    waitsFor: 'prior',
  },
];
