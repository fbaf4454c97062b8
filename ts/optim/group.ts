import { KnownKeys, oneOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type UpdateOptions, writeCommon } from '../kernels/options.ts';
import type { Apply, Decay } from '../kernels/control.ts';
import type { OptimizerSpec } from '../native.ts';
import { Penalty } from '../penalty/index.ts';
import { Tensor } from '../tensor/tensor.ts';

/** What every optimizer lets a group of parameters choose. */
export interface GroupOptions {
  /** Learning rate, at least 0. */
  lr: number;
  /** Multiplies ½Σw², as PyTorch's `weight_decay` does. */
  weightDecay: number;
  /** Where the decay acts: in the gradient, on the weight per unit of lr, or by the schedule alone. */
  decay: Decay;
  /** What the parameters pay, beside the decay. A list is added up. */
  penalty: Penalty | readonly Penalty[] | null;
  /** How the penalty acts; by default `proximal` if it has a kink, else `coupled`. */
  apply: Apply | null;
  /** Whether the objective is maximized. */
  maximize: boolean;
  /** |w| below it counts as nearly zero in what a step reports. */
  nearZero: number;
}

/** A group as it is handed to an optimizer: its parameters, and the options that differ. */
export type GroupInput<Options> = Partial<Options> & { readonly params: Tensor | readonly Tensor[] };

/** What an optimizer updates: one list of parameters, or groups of them. */
export type Params<Options> = readonly Tensor[] | readonly GroupInput<Options>[];

/** Whose defaults and details an optimizer has. */
export type Preset = 'pytorch' | 'keras';

/** Options of all groups, and whose defaults hold where none are given; PyTorch's unless said. */
export type PresetOptions<Options> = Partial<Options> & { readonly preset?: Preset };

/** The defaults of an optimizer by the name of whose they are, the usual ones first. */
export type Presets<Options> = Readonly<Record<string, Options>>;

/** A group as an optimizer holds it. Every field may be changed between steps. */
export type ParamGroup<Options> = Options & {
  readonly params: readonly Tensor[];
  /** The learning rate at the start: what independent decay and schedules relate to. */
  initialLr: number;
};

export const groupDefaults: Omit<GroupOptions, 'lr'> = {
  weightDecay: 0,
  decay: 'coupled',
  penalty: null,
  apply: null,
  maximize: false,
  nearZero: 1e-4,
};

/** Complete groups of what an optimizer was given: one list of parameters, or groups of them. */
export function makeGroups<Options extends GroupOptions>(
  owner: string,
  params: Params<Options>,
  presets: Presets<Options>,
  presetOptions: PresetOptions<Options>,
): ParamGroup<Options>[] {
  const choices = Object.keys(presets);
  const names = Object.keys(presets[choices[0]!]!);
  new KnownKeys([...names, 'preset']).check(owner, presetOptions);
  const { preset, ...options } = presetOptions;
  const defaults = presets[oneOf(owner, 'preset', preset ?? choices[0]!, choices)]!;
  if (!Array.isArray(params) || params.length === 0) {
    const fix = 'Pass model.parameters(), or groups of them.';
    throw new ArgumentError(
      'ERR_TYPE',
      owner,
      'params',
      'a list of tensors or of groups, not empty',
      params,
      fix,
    );
  }
  const known = new KnownKeys([...names, 'params']);
  const seen = new Set<Tensor>();
  return inputsOf<Options>(params).map((input) => {
    known.check(owner, input, 'params');
    const list = paramsOf(owner, input.params);
    for (const param of list) checkParam(owner, param, seen);
    const group = Object.assign({}, defaults, given<object>(options), given(input), { params: list });
    return Object.assign(group, { initialLr: group.lr });
  });
}

/** Parameters alone are one group. */
function inputsOf<Options>(params: Params<Options>): readonly GroupInput<Options>[] {
  const isGroup = (item: Tensor | GroupInput<Options>): item is GroupInput<Options> =>
    !(item instanceof Tensor);
  const groups = params.filter(isGroup);
  const tensors = params.filter((item): item is Tensor => item instanceof Tensor);
  // A group without options is a group: every option is optional.
  return tensors.length === 0 ? groups : [...groups, { params: tensors } as unknown as GroupInput<Options>];
}

function paramsOf(owner: string, params: unknown): Tensor[] {
  if (params instanceof Tensor) return [params];
  if (Array.isArray(params)) return [...params];
  throw new ArgumentError('ERR_TYPE', owner, 'params', 'a tensor or a list of tensors', params);
}

/** The options that are not undefined: those do not hide a default. */
function given<Options extends object>(options: Options): Options {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Options;
}

function checkParam(owner: string, param: unknown, seen: Set<Tensor>): void {
  if (!(param instanceof Tensor) || !param.requiresGrad) {
    const fix = 'Make it with { requiresGrad: true }, or leave it out.';
    throw new ArgumentError('ERR_TYPE', owner, 'params', 'tensors that require a gradient', param, fix);
  }
  if (param.node !== undefined) {
    throw new ArgumentError('ERR_TYPE', owner, 'params', 'leaves', 'the result of an operation');
  }
  if (seen.has(param)) {
    throw new ArgumentError(
      'ERR_ALIAS',
      owner,
      'params',
      'in one group each',
      'a parameter that is given twice',
    );
  }
  seen.add(param);
}

/** The penalties of a group as a list. */
export function penaltiesOf({ penalty }: Pick<GroupOptions, 'penalty'>): readonly Penalty[] {
  if (penalty === null) return [];
  const list = penalty instanceof Penalty ? [penalty] : penalty;
  if (Array.isArray(list) && list.every((item) => item instanceof Penalty)) return list;
  const fix = 'Write penalty: l1(1e-3), with { l1 } from penalty.';
  throw new ArgumentError('ERR_TYPE', 'optim', 'penalty', 'a penalty or a list of them', penalty, fix);
}

/** The rates of two moments by the names of native code. */
export function betasOf(
  owner: string,
  betas: readonly [number, number],
): { readonly beta1: number; readonly beta2: number } {
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new ArgumentError('ERR_OPTION', owner, 'betas', 'two numbers', betas);
  }
  return { beta1: betas[0], beta2: betas[1] };
}

/** Writes what every optimizer lets a group choose into a control block at `base`, each checked. */
export function writeGroup(
  numbers: Float64Array,
  base: number,
  owner: string,
  { group, spec }: { readonly group: ParamGroup<GroupOptions>; readonly spec: OptimizerSpec },
): void {
  const penalties = penaltiesOf(group);
  const kinked = penalties.some((penalty) => penalty.kinked);
  const options: UpdateOptions = {
    lr: group.lr,
    weightDecay: group.weightDecay,
    decay: group.decay,
    scheduleMultiplier: group.initialLr === 0 ? 1 : group.lr / group.initialLr,
    l1: penalties.reduce((sum, penalty) => sum + penalty.l1, 0),
    l2: penalties.reduce((sum, penalty) => sum + penalty.l2, 0),
    apply: group.apply ?? (kinked ? 'proximal' : 'coupled'),
    maximize: group.maximize,
    nearZero: group.nearZero,
  };
  writeCommon(numbers, base, owner, options, { spec, decay: 'coupled' });
}
