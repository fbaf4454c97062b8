/** A mean over seeds, and the standard deviation. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** One λ that was tried. */
export interface GridPoint {
  readonly lambda: number;
  /** Shares, 0 to 1. */
  readonly validationAccuracy: Spread;
}

/** The data losses after an epoch. */
export interface CurvePoint {
  /** From 1. */
  readonly epoch: number;
  readonly train: number;
  readonly validation: number;
}

/** One regularizer at its chosen λ. */
export interface DemoRun {
  /** `none` for the run without a regularizer. */
  readonly name: string;
  /** One line: the optimizer, and what λ multiplies. */
  readonly description: string;
  /** The chosen one; 0 for `none`. */
  readonly lambda: number;
  /** By λ; empty for `none`. */
  readonly grid: readonly GridPoint[];
  /** Shares, 0 to 1. */
  readonly testAccuracy: Spread;
  /** ‖w‖₂ of both weight matrices, mean over seeds. */
  readonly weightNorm: number;
  /** The share of the first layer's weights that are exactly 0, mean over seeds. */
  readonly exactZeros: number;
  /** The share of them with |w| < 1e-4, mean over seeds. */
  readonly nearZeros: number;
  readonly stepsPerSecond: number;
  /** Of the first seed. */
  readonly curve: readonly CurvePoint[];
  /** [hidden, 64], of the first seed. */
  readonly firstLayer: readonly number[];
}

/** What all runs have in common. */
interface DemoSettings {
  readonly samples: number;
  /** The share of the training labels that are wrong. */
  readonly wrongLabels: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seeds: readonly number[];
}

/** Everything that the demo's page shows. */
export interface DemoResult {
  readonly settings: DemoSettings;
  readonly runs: readonly DemoRun[];
  /** The instruction set of the kernels. */
  readonly isa: string;
  readonly threads: number;
  readonly seconds: number;
}
