import { KnownKeys, nonNegative, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { FloatArray, OptimizerSpec } from '../native.ts';
import { Module } from '../nn/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatDType } from '../tensor/value.ts';
import { type GroupOptions, type ParamGroup, penaltiesOf } from './group.ts';

/** Where parameters get their names from: a model, or pairs as `model.namedParameters()` has them. */
export type Named = Module | Iterable<readonly [name: string, parameter: Tensor]>;

/** A group as it is kept: the names of its parameters, its options, the strengths of its penalties. */
export interface GroupState {
  readonly params: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly penalties: readonly { readonly name: string; readonly l1: number; readonly l2: number }[];
}

/** What is kept of one parameter: `step`, how many it has taken, and then its arrays of state by name. */
export type ParameterState = Readonly<Record<string, number | FloatArray>>;

/** All that an optimizer knows, under the names of its parameters: plain objects, numbers and typed arrays. */
export interface OptimizerState {
  /** `sgd`, `adam`, …: which arrays there are. */
  readonly optimizer: string;
  readonly groups: readonly GroupState[];
  readonly parameters: Readonly<Record<string, ParameterState>>;
}

/** What each array of state starts from, in the order of the native table; undefined if there is none. */
export type Starts = readonly (number | undefined)[];

/** What an optimizer holds for one parameter. */
export interface Held {
  readonly steps: number;
  readonly carried: number;
  /** In the order of the native table. */
  readonly arrays: readonly (FloatArray | undefined)[];
}

const stateKeys = new KnownKeys(['optimizer', 'groups', 'parameters']);
const groupKeys = new KnownKeys(['params', 'options', 'penalties']);

/** The names of `params`, in their order, each once. */
export function namesOf(owner: string, model: Named, params: readonly Tensor[]): string[] {
  const pairs = model instanceof Module ? model.namedParameters() : [...model];
  const names = new Map(pairs.map(([name, parameter]) => [parameter, name]));
  const found = params.map((param) => names.get(param));
  const nameless = found.findIndex((name) => name === undefined);
  if (nameless !== -1) {
    const got = `one without parameter ${nameless}, of shape [${params[nameless]!.shape.join(', ')}]`;
    const fix = 'Pass the model whose parameters the optimizer was given.';
    throw new ArgumentError('ERR_STATE', owner, 'model', 'one that names every parameter', got, fix);
  }
  const list = found as string[];
  const twice = list.find((name, i) => list.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ArgumentError('ERR_STATE', owner, 'model', 'of different names', `${twice} twice`);
  }
  return list;
}

/** A group under the names of its parameters. */
export function groupState(group: ParamGroup<GroupOptions>, params: readonly string[]): GroupState {
  const penalties = penaltiesOf(group).map(({ name, l1, l2 }) => ({ name, l1, l2 }));
  return { params, options: structuredClone(plainOptions(group)), penalties };
}

/** A parameter as it is kept. */
export function parameterState(spec: OptimizerSpec, { steps, carried, arrays }: Held): ParameterState {
  if (steps === 0) return { step: 0 };
  const copies = spec.state.flatMap((name, i) => {
    const array = arrays[i];
    return array === undefined ? [] : [[name, array.slice()] as const];
  });
  const rest = spec.carried === undefined ? [] : [[spec.carried, carried] as const];
  return Object.fromEntries([['step', steps], ...rest, ...copies]);
}

/** Throws unless `state` has the form of one of this optimizer, with these groups. */
export function checkState(
  owner: string,
  state: OptimizerState,
  { spec, groups }: { readonly spec: OptimizerSpec; readonly groups: readonly (readonly string[])[] },
): void {
  stateKeys.check(owner, state, 'state');
  if (state.optimizer !== spec.name) {
    throw new ArgumentError(
      'ERR_STATE',
      owner,
      'state',
      `that of ${spec.name}`,
      `that of ${state.optimizer}`,
    );
  }
  if (!Array.isArray(state.groups) || state.groups.length !== groups.length) {
    throw new ArgumentError('ERR_STATE', owner, 'groups', `a list of ${groups.length}`, state.groups);
  }
  groups.forEach((names, g) => {
    groupKeys.check(owner, state.groups[g]!, `groups[${g}]`);
    same(owner, `groups[${g}].params`, names, state.groups[g]!.params);
  });
  same(owner, 'parameters', groups.flat(), Object.keys(state.parameters));
}

/** A group with the options of `kept`, checked to be those that it has. */
export function restoredGroup<Options extends GroupOptions>(
  owner: string,
  group: ParamGroup<Options>,
  { options, penalties }: GroupState,
  name: string,
): ParamGroup<Options> {
  same(owner, `${name}.options`, Object.keys(plainOptions(group)), Object.keys(options));
  const own = penaltiesOf(group).map((penalty) => penalty.name);
  const given = penalties.map((penalty) => penalty.name);
  if (own.join() !== given.join()) {
    const got = `[${given.join(', ')}]`;
    throw new ArgumentError('ERR_STATE', owner, `${name}.penalties`, `[${own.join(', ')}]`, got);
  }
  for (const { l1, l2 } of penalties) {
    nonNegative(owner, `${name}.penalties`, l1);
    nonNegative(owner, `${name}.penalties`, l2);
  }
  return { ...group, ...structuredClone(options) };
}

/** Gives the penalties of a group the strengths that they had. */
export function restorePenalties(group: GroupOptions, { penalties }: GroupState): void {
  penaltiesOf(group).forEach((penalty, i) => {
    penalty.l1 = penalties[i]!.l1;
    penalty.l2 = penalties[i]!.l2;
  });
}

/** What `kept` says of a parameter, checked. Arrays that start from a number are needed. */
export function restoredParameter(
  owner: string,
  kept: ParameterState,
  {
    spec,
    param,
    name,
    starts,
  }: {
    readonly spec: OptimizerSpec;
    readonly param: Tensor;
    readonly name: string;
    readonly starts: Starts;
  },
): Held {
  const where = `parameters[${name}]`;
  const number = (key: string): number => (typeof kept[key] === 'number' ? kept[key] : Number.NaN);
  const steps = whole(owner, `${where}.step`, number('step'));
  if (steps === 0) {
    same(owner, where, ['step'], Object.keys(kept));
    return { steps, carried: 0, arrays: [] };
  }
  const optional = spec.state.filter((array, i) => starts[i] === undefined && Object.hasOwn(kept, array));
  const always = spec.state.filter((_, i) => starts[i] !== undefined);
  const rest = spec.carried === undefined ? [] : [spec.carried];
  same(owner, where, ['step', ...rest, ...always, ...optional], Object.keys(kept));
  const carried = spec.carried === undefined ? 0 : nonNegative(owner, where, number(spec.carried));
  const type = floatDType(param) === 'float64' ? Float64Array : Float32Array;
  const arrays = spec.state.map((key) => {
    const array = Object.hasOwn(kept, key) ? kept[key] : undefined;
    if (array === undefined) return undefined;
    if (array instanceof type && array.length === param.size) return array;
    const expected = `a ${type.name} of length ${param.size}`;
    const got = ArrayBuffer.isView(array) ? `a ${array.constructor.name} of length ${array.length}` : array;
    throw new ArgumentError('ERR_STATE', owner, `${where}.${key}`, expected, got);
  });
  return { steps, carried, arrays };
}

/** The options of a group that are values: all but its parameters and penalties. */
function plainOptions(group: ParamGroup<GroupOptions>): Record<string, unknown> {
  const { params: _, penalty: __, ...options } = group;
  return options;
}

/** Throws unless both have the same names, and says which are missing and which are not expected. */
function same(owner: string, argument: string, expected: readonly string[], given: readonly string[]): void {
  const missing = expected.filter((name) => !given.includes(name));
  const unexpected = given.filter((name) => !expected.includes(name));
  if (missing.length === 0 && unexpected.length === 0 && given.length === expected.length) return;
  const faults = [
    missing.length === 0 ? [] : `${missing.join(', ')} missing`,
    unexpected.length === 0 ? [] : `${unexpected.join(', ')} unexpected`,
  ].flat();
  const got = faults.length === 0 ? 'some of them twice' : faults.join(', ');
  throw new ArgumentError('ERR_STATE', owner, argument, `of the names ${expected.join(', ')}`, got);
}
