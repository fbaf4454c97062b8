/** Runs in which some steps are not finite, and the loop by hand beside them. */
import { data, manualSeed, nn, ones, optim, tensor, type Tensor } from 'ridgeline';

/** Samples of a batch. */
export const BATCH = 10;
/** What all of them pay. */
export const loss: nn.Loss = new nn.MSELoss();

/** n samples of a line, in float64; those of the batches in `broken` are NaN. */
export function samples(n: number, broken: readonly number[] = []): data.Dataset {
  const x = Float64Array.from({ length: 3 * n }, (_, i) =>
    broken.includes(Math.floor(i / 3 / BATCH)) ? Number.NaN : Math.sin(i),
  );
  const y = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
  return new data.Dataset(tensor(x, { shape: [n, 3] }), tensor(y, { shape: [n, 1] }));
}

/** A model and its optimizer. */
export interface Built {
  readonly model: nn.Module;
  readonly optimizer: optim.AdamW;
}

/** A small network in double precision. */
export function build(seed = 1): Built {
  manualSeed(seed);
  const dtype = 'float64';
  const model = new nn.Sequential(
    new nn.Linear(3, 4, { dtype }),
    new nn.Tanh(),
    new nn.Linear(4, 1, { dtype }),
  );
  return { model, optimizer: new optim.AdamW(model.parameters(), { lr: 0.05 }) };
}

/** The weights of a model. */
export const weights = (model: nn.Module): number[][] =>
  model.parameters().map(({ data: values }) => Array.from(values));

interface HandOptions {
  readonly epochs: number;
  readonly leaveOut?: readonly number[];
  readonly accumulate?: number;
  readonly most?: number;
  readonly rate?: (step: number) => number;
}

/** The loop by hand, without the steps of the batches that are left out; the losses of each epoch. */
export function byHand({ model, optimizer }: Built, train: data.Dataset, options: HandOptions): number[][] {
  const { epochs, leaveOut = [], accumulate = 1, most, rate } = options;
  return Array.from({ length: epochs }, (_, epoch) => {
    const batches = [...train.batches({ batchSize: BATCH })];
    const losses: number[] = [];
    for (let at = 0; at < batches.length; at += accumulate) {
      const taken = batches.slice(at, at + accumulate);
      if (taken.some((_batch, i) => leaveOut.includes(at + i))) continue;
      const step = epoch * Math.ceil(batches.length / accumulate) + at / accumulate + 1;
      if (rate !== undefined) optimizer.paramGroups[0]!.lr = rate(step);
      const all = taken.reduce((sum, { y }) => sum + y.size, 0);
      optimizer.zeroGrad();
      for (const { x, y } of taken) {
        const value = loss.forward(model.forward(x), y);
        losses.push(...Array.from({ length: y.size }, () => value.item()));
        (taken.length === 1 ? value : value.mul(y.size / all)).backward();
      }
      if (most !== undefined) optim.clipGradNorm(model.parameters(), most);
      optimizer.step();
    }
    return losses;
  });
}

/** Their mean. */
export const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;

/** The loss is the output itself. */
export const first: nn.Loss = { forward: (output) => output.mean() };

/** 1e-30/w at w = 1e-30: its value is 1, its derivative −1e30, and 1e60 times 1e-30's in single precision. */
export function steep(): Built & { readonly train: data.Dataset; readonly model: nn.Module } {
  class Steep extends nn.Module {
    readonly kept = new nn.Parameter('weight', [1]);
    readonly small = new nn.Parameter('weight', [1]);
    override forward(x: Tensor): Tensor {
      return x.div(this.small).add(this.kept.mul(0));
    }
  }
  const model = new Steep();
  model.small.data[0] = 1e-30;
  model.kept.data[0] = 1;
  const train = new data.Dataset(tensor(new Float32Array(3).fill(1e-15), { shape: [3] }), ones([3]));
  return { model, train, optimizer: new optim.AdamW(model.parameters(), { lr: 0.1 }) };
}
