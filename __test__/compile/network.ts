/** Random training steps: networks, losses, optimizers and what a user's function does around them. */
import * as fc from 'fast-check';
import {
  type Apply,
  type Decay,
  Generator,
  manualSeed,
  nn,
  noGrad,
  optim,
  penalty,
  rand,
  randn,
  tensor,
  type Tensor,
  type UpdateStats,
} from 'ridgeline';
import { draw, type Precision, uniforms } from '../oracle/draw.ts';
import { pointwise } from '../oracle/pointwise.ts';

const decays = ['coupled', 'decoupled', 'independent'] as const;
const applies = ['coupled', 'decoupled', 'proximal', 'proximal-decoupled'] as const;
const penalties = [
  () => penalty.l1(0.02),
  () => penalty.l2(0.03),
  () => penalty.elasticNet({ l1: 0.01, l2: 0.02 }),
];

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const optimizers = fc.oneof(
  fc.record({ momentum: fc.constantFrom(0, 0.9), nesterov: fc.boolean() }).map(({ momentum, nesterov }) => ({
    kind: 'SGD' as const,
    momentum,
    nesterov: nesterov && momentum > 0,
  })),
  fc.record({ kind: fc.constantFrom('Adam' as const, 'AdamW' as const), amsgrad: fc.boolean() }),
);

const optimizersByName = { SGD: optim.SGD, Adam: optim.Adam, AdamW: optim.AdamW };

type Link =
  | `${'add' | 'sub' | 'mul' | 'div'}${'' | 'Number'}`
  | 'abs'
  | 'square'
  | 'neg'
  | 'reshape'
  | 'randn'
  | 'rand'
  | 'own';

type OptimizerSpec =
  | { readonly kind: 'SGD'; readonly momentum: number; readonly nesterov: boolean }
  | { readonly kind: 'Adam' | 'AdamW'; readonly amsgrad: boolean };

/** What a random step is made from. */
export interface StepSpec {
  readonly seed: number;
  readonly precision: Precision;
  readonly batch: number;
  readonly widths: readonly number[];
  readonly bias: boolean;
  readonly tied: number | undefined;
  readonly chain: readonly Link[];
  /** Names of operations on elements, after the chain. */
  readonly elements: readonly string[];
  readonly loss: 'mse' | 'crossEntropy';
  readonly term: 'sum' | 'mean' | undefined;
  readonly lossPenalty: number | undefined;
  readonly perSample: boolean;
  readonly optimizer: OptimizerSpec;
  readonly two: boolean;
  readonly lr: number;
  readonly weightDecay: number;
  readonly decay: Decay;
  readonly groupPenalty: number | undefined;
  readonly apply: Apply | undefined;
  readonly maximize: boolean;
  readonly zero: 'before' | 'after' | 'never';
  readonly rounds: number;
  readonly scheduled: boolean;
  readonly metric: boolean;
  readonly result: 'loss' | 'list' | 'object' | 'nothing';
}

/** Random steps. */
export const steps: fc.Arbitrary<StepSpec> = fc.record({
  seed: fc.nat(2 ** 30),
  precision: fc.constantFrom<Precision>('float32', 'float64'),
  batch: fc.integer({ min: 1, max: 5 }),
  widths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
  bias: fc.boolean(),
  tied: some(fc.integer({ min: 1, max: 4 })),
  chain: fc.array(
    fc.constantFrom<Link>(
      ...(['addNumber', 'subNumber', 'mulNumber', 'divNumber', 'abs', 'square', 'neg', 'reshape'] as const),
      ...(['add', 'sub', 'mul', 'div', 'randn', 'rand', 'own'] as const),
    ),
    { maxLength: 3 },
  ),
  elements: fc.array(fc.constantFrom(...Object.keys(pointwise)), { maxLength: 3 }),
  loss: fc.constantFrom<StepSpec['loss']>('mse', 'crossEntropy'),
  term: some(fc.constantFrom<'sum' | 'mean'>('sum', 'mean')),
  lossPenalty: some(fc.nat(2)),
  perSample: fc.boolean(),
  optimizer: optimizers,
  two: fc.boolean(),
  lr: fc.constantFrom(0.1, 0.01),
  weightDecay: fc.constantFrom(0, 0.1),
  decay: fc.constantFrom(...decays),
  groupPenalty: some(fc.nat(2)),
  apply: some(fc.constantFrom(...applies)),
  maximize: fc.boolean(),
  zero: fc.constantFrom<StepSpec['zero']>('before', 'after', 'never'),
  rounds: fc.constantFrom(1, 1, 2),
  scheduled: fc.boolean(),
  metric: fc.boolean(),
  result: fc.constantFrom<StepSpec['result']>('loss', 'list', 'object', 'nothing'),
});

type Result = Tensor | undefined | readonly Tensor[] | Readonly<Record<string, unknown>>;

/** A step with all that it closes over. */
export interface Network {
  readonly parameters: readonly Tensor[];
  readonly step: (x: Tensor, y: Tensor) => Result;
  /** What happens between calls. */
  between(call: number): void;
}

/** The step that `spec` describes, from the same start each time. */
export function network(spec: StepSpec): Network {
  const { precision: dtype, widths, batch, seed } = spec;
  manualSeed(seed);
  const generator = new Generator(seed);
  const layers = widths
    .slice(1)
    .map((width, i) => new nn.Linear(widths[i]!, width, { bias: spec.bias, dtype, generator }));
  const outputs = widths.at(-1)!;
  const array = (shape: readonly number[], at: number, requiresGrad = false): Tensor => {
    const data = draw(
      dtype,
      shape.reduce((a, b) => a * b, 1),
      seed + at,
    );
    return tensor(data, { shape, requiresGrad });
  };
  const tied = spec.tied === undefined ? undefined : array([spec.tied, outputs], 1, true);
  const own = array([batch, outputs], 2, true);
  const idle = array([3], 3, true);
  const captured = spec.chain.map((_, i) => array([batch, outputs], 4 + i).add(i === 0 ? 0.5 : 2));
  const parameters = [...layers.flatMap((layer) => layer.parameters()), own, idle];
  if (tied !== undefined) parameters.push(tied);

  const links: Readonly<Record<StepSpec['chain'][number], (h: Tensor, i: number) => Tensor>> = {
    addNumber: (h) => h.add(0.3),
    subNumber: (h) => h.sub(0.7),
    mulNumber: (h) => h.mul(-1.3),
    divNumber: (h) => h.div(3),
    abs: (h) => h.abs(),
    square: (h) => h.square(),
    neg: (h) => h.neg(),
    reshape: (h) => h.reshape([-1]).mul(2).reshape(h.shape),
    add: (h, i) => h.add(captured[i]!),
    sub: (h, i) => h.sub(captured[i]!),
    mul: (h, i) => h.mul(captured[i]!),
    div: (h, i) => h.div(captured[i]!),
    randn: (h) => h.add(randn(h.shape, { dtype }).mul(0.1)),
    rand: (h) => h.mul(rand(h.shape, { dtype })),
    own: (h) => h.mul(own),
  };

  const forward = (x: Tensor): Tensor => {
    let h = x;
    layers.forEach((layer, i) => {
      h = layer.forward(i === 0 ? h : h.relu());
    });
    if (tied !== undefined) h = nn.functional.linear(h, tied).matmul(tied);
    spec.chain.forEach((op, i) => {
      h = links[op](h, i);
    });
    for (const name of spec.elements) h = pointwise[name]!(h);
    return h;
  };

  const inLoss = spec.lossPenalty === undefined ? undefined : penalties[spec.lossPenalty]!();
  const lossOf = (out: Tensor, y: Tensor): Tensor => {
    let loss = spec.loss === 'mse' ? nn.functional.mseLoss(out, y) : nn.functional.crossEntropy(out, y);
    if (spec.term !== undefined) loss = loss.add(out.square()[spec.term]().mul(0.01));
    const per = spec.perSample ? 'sample' : 'total';
    return inLoss === undefined ? loss : loss.add(inLoss.of(parameters, { per }));
  };

  const inGroup = spec.groupPenalty === undefined ? null : penalties[spec.groupPenalty]!();
  const { kind, ...ownOptions } = spec.optimizer;
  const { lr, weightDecay, decay, maximize } = spec;
  const options = { lr, weightDecay, decay, maximize, apply: spec.apply ?? null };
  const groups = [
    { params: parameters.filter((_, i) => i % 2 === 0), penalty: inGroup },
    { params: parameters.filter((_, i) => i % 2 === 1), lr: lr / 2 },
  ];
  const make = (list: typeof groups): optim.SGD | optim.Adam | optim.AdamW =>
    new optimizersByName[kind](list, { ...options, ...ownOptions });
  const all = spec.two ? groups.map((group) => make([group])) : [make(groups)];

  const update = (loss: Tensor): UpdateStats[] => {
    const zeroGrad = (): void => {
      for (const optimizer of all) optimizer.zeroGrad();
    };
    if (spec.zero === 'before') zeroGrad();
    loss.backward();
    const stats = all.map((optimizer) => optimizer.step());
    if (spec.zero === 'after') zeroGrad();
    return stats;
  };

  const step = (x: Tensor, y: Tensor): Result => {
    const stats: UpdateStats[] = [];
    const losses: Tensor[] = [];
    let out = x;
    for (let round = 0; round < spec.rounds; round++) {
      out = forward(x);
      const before = layers[0]!.weight.mul(2).detach();
      const loss = lossOf(out, y);
      stats.push(...update(loss));
      // What was computed before the update, beside what is read after it.
      losses.push(
        loss,
        noGrad(() => layers[0]!.weight.sub(before)),
      );
    }
    if (spec.metric) losses.push(noGrad(() => forward(x).abs().mean()));
    return resultOf(spec.result, losses, {
      stats,
      out: out.detach(),
      x,
      own,
      view: out.reshape([-1]).detach(),
    });
  };

  return {
    parameters,
    step,
    between(call) {
      if (!spec.scheduled) return;
      for (const optimizer of all) for (const group of optimizer.paramGroups) group.lr *= 0.9;
      if (inLoss !== undefined) inLoss.l2 = 0.001 * call;
      if (inGroup !== null) inGroup.l1 = 0.005 * call;
    },
  };
}

function resultOf(kind: StepSpec['result'], losses: readonly Tensor[], rest: object): Result {
  if (kind === 'nothing') return undefined;
  if (kind === 'loss') return losses[0]!;
  return kind === 'list' ? losses : { losses, ...rest };
}

/** The arguments of call `call`: the same numbers each time they are asked for. */
export function batchOf(spec: StepSpec, call: number): readonly [x: Tensor, y: Tensor] {
  const { precision, batch, widths, seed } = spec;
  const x = tensor(draw(precision, batch * widths[0]!, seed + 100 + call), { shape: [batch, widths[0]!] });
  const classes = widths.at(-1)!;
  if (spec.loss === 'mse') {
    return [x, tensor(draw(precision, batch * classes, seed + 200 + call), { shape: [batch, classes] })];
  }
  const random = uniforms(seed + call);
  return [x, tensor(Int32Array.from({ length: batch }, () => Math.floor(random() * classes)))];
}
