import { data, type Epoch, evaluate, fit, kernels, manualSeed, nn, report } from '../../index.ts';
import { noisyDigits } from './noisy-digits.ts';
import { type Regularizer, regularizers } from './regularizers.ts';
import type { DemoResult, DemoRun, Spread } from './result.ts';

/** What the demo can be told. */
export interface DemoOptions {
  /** Passes over the training part. */
  readonly epochs: number;
  /** How many seeds each run repeats over. */
  readonly seeds: number;
}

/** How far the demo is. */
export interface DemoProgress {
  /** Trainings in all. */
  readonly total: number;
  readonly done: number;
  /** The regularizer that is trained. */
  readonly run: string;
}

/** One trained network. */
interface Trained {
  readonly model: nn.Module;
  readonly history: readonly Epoch[];
  readonly validationAccuracy: number;
  readonly seconds: number;
}

/** A strength, trained from every seed. */
interface Candidate {
  readonly lambda: number;
  readonly validationAccuracy: Spread;
  readonly trained: readonly Trained[];
}

const SAMPLES = 300;
const WRONG_LABELS = 0.2;
const HIDDEN = 128;
const BATCH_SIZE = 100;
const LR = 2e-3;
const loss = new nn.CrossEntropyLoss();

/** Trains every regularizer at every strength from every seed, and scores the chosen ones on the test part. */
export async function runDemo(
  { epochs, seeds: count }: DemoOptions,
  onProgress: (progress: DemoProgress) => void,
): Promise<DemoResult> {
  const started = performance.now();
  const digits = data.loadDigits();
  const seeds = Array.from({ length: count }, (_, i) => i);
  const total = regularizers.reduce((sum, { lambdas }) => sum + Math.max(1, lambdas.length), 0) * count;
  let done = 0;
  const runs: DemoRun[] = [];
  for (const regularizer of regularizers) {
    const candidates = await trainAll(regularizer, seeds, async (lambda, seed) => {
      const trained = await trainOne(regularizer, lambda, seed, digits, epochs);
      done += 1;
      onProgress({ total, done, run: regularizer.name });
      return trained;
    });
    runs.push(describeRun(regularizer, candidates, digits.test, epochs));
  }
  const { isa, threads } = kernels.info();
  const settings = {
    samples: SAMPLES,
    wrongLabels: WRONG_LABELS,
    hidden: HIDDEN,
    batchSize: BATCH_SIZE,
    lr: LR,
  };
  const seconds = (performance.now() - started) / 1000;
  return { settings: { ...settings, epochs, seeds }, runs, isa, threads, seconds };
}

async function trainOne(
  regularizer: Regularizer,
  lambda: number,
  seed: number,
  { train: all, validation }: data.Digits,
  epochs: number,
): Promise<Trained> {
  manualSeed(seed);
  const model = new nn.Sequential(new nn.Linear(64, HIDDEN), new nn.ReLU(), new nn.Linear(HIDDEN, 10));
  const optimizer = regularizer.optimizer(model, lambda, LR);
  const train = noisyDigits(all, SAMPLES, WRONG_LABELS, seed);
  const started = performance.now();
  const history = await fit(model, {
    train,
    validation,
    loss,
    optimizer,
    epochs,
    batchSize: BATCH_SIZE,
    seed,
  });
  const seconds = (performance.now() - started) / 1000;
  return { model, history, validationAccuracy: history.at(-1)?.validation?.accuracy ?? 0, seconds };
}

async function trainAll(
  { lambdas }: Regularizer,
  seeds: readonly number[],
  train: (lambda: number, seed: number) => Promise<Trained>,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const lambda of lambdas.length === 0 ? [0] : lambdas) {
    const trained: Trained[] = [];
    for (const seed of seeds) trained.push(await train(lambda, seed));
    const validationAccuracy = spread(trained.map((one) => one.validationAccuracy));
    candidates.push({ lambda, validationAccuracy, trained });
  }
  return candidates;
}

function describeRun(
  { name, description, lambdas }: Regularizer,
  candidates: readonly Candidate[],
  test: data.Dataset,
  epochs: number,
): DemoRun {
  const chosen = candidates.reduce((best, next) =>
    next.validationAccuracy.mean > best.validationAccuracy.mean ? next : best,
  );
  const { trained } = chosen;
  const first = trained[0]!;
  const reports = trained.map(({ model }) =>
    report.sparsity(model).parameters.filter((p) => p.kind === 'weight'),
  );
  const layers = reports.map((weights) => weights[0]!);
  const steps = epochs * Math.ceil(SAMPLES / BATCH_SIZE);
  return {
    name,
    description,
    lambda: chosen.lambda,
    grid: lambdas.map((lambda, i) => ({ lambda, validationAccuracy: candidates[i]!.validationAccuracy })),
    testAccuracy: spread(trained.map(({ model }) => evaluate(model, test, loss).accuracy ?? 0)),
    weightNorm: spread(reports.map((weights) => Math.hypot(...weights.map((p) => p.norm)))).mean,
    exactZeros: spread(layers.map((layer) => layer.exactZeros / layer.size)).mean,
    nearZeros: spread(layers.map((layer) => layer.nearZeros / layer.size)).mean,
    stepsPerSecond: steps / Math.min(...trained.map((one) => one.seconds)),
    curve: first.history.map(({ epoch, train, validation }) => {
      return { epoch, train: train.data, validation: validation?.data ?? Number.NaN };
    }),
    firstLayer: Array.from(first.model.parameter('0.weight').data),
  };
}

/** Mean and standard deviation over seeds. */
function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
