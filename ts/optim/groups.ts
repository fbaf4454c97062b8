import { KnownKeys } from '../check.ts';
import { RidgelineError } from '../errors.ts';
import type { Module, NamedParameter, ParameterKind } from '../nn/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Which parameters a rule of {@link groups} takes. What is left out does not restrict. */
export interface Selector {
  /** Their kind, or one of several. */
  readonly kind?: ParameterKind | readonly ParameterKind[];
  /** Their dotted name: a text in which `*` stands for anything, or a regular expression. */
  readonly name?: string | RegExp;
}

const selectorKeys = new KnownKeys(['kind', 'name']);

/** Kinds that pay by default. A tensor of unknown kind pays if it has two axes or more. */
const paying: ReadonlySet<ParameterKind> = new Set(['weight', 'head', 'embedding']);

function matches(selector: Selector, { name, kind }: NamedParameter): boolean {
  if (selector.kind !== undefined && (kind === undefined || ![selector.kind].flat().includes(kind)))
    return false;
  if (selector.name === undefined) return true;
  return asPattern(selector.name).test(name);
}

function asPattern(name: string | RegExp): RegExp {
  if (name instanceof RegExp) return new RegExp(name.source, name.flags.replace(/[gy]/g, ''));
  const literal = name.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`);
}

/**
 * Groups of a model's parameters: each parameter goes to the first rule that takes it, and those
 * that no rule takes to a last group of their own, with the optimizer's defaults.
 *
 * @throws {RidgelineError} `ERR_SELECTOR` if a rule takes no parameter: a misspelt name must not pass.
 * @example
 * new AdamW(groups(model, [
 *   { where: { name: '0.weight' }, penalty: l1(1e-3) },
 *   { where: { kind: 'bias' }, weightDecay: 0 },
 * ]));
 */
export function groups<const Options extends object>(
  model: Module,
  rules: readonly (Options & { readonly where: Selector })[],
): (Omit<Options, 'where'> & { params: Tensor[] })[] {
  let left = model.describeParameters();
  const names = left.map(({ name }) => name).join(', ');
  const grouped = rules.map(({ where, ...options }, i) => {
    selectorKeys.check('optim.groups', where);
    const taken = left.filter((parameter) => matches(where, parameter));
    if (taken.length === 0) {
      throw new RidgelineError(
        'ERR_SELECTOR',
        `optim.groups: rule ${i} (${showSelector(where)}) takes no parameter that is left; the model has ${names}.`,
      );
    }
    left = left.filter((parameter) => !taken.includes(parameter));
    return { ...options, params: taken.map(({ parameter }) => parameter) };
  });
  if (left.length === 0) return grouped;
  // The last group has no options of its own: the optimizer's defaults hold.
  return [...grouped, { params: left.map(({ parameter }) => parameter) } as (typeof grouped)[number]];
}

function showSelector({ kind, name }: Selector): string {
  const parts = [
    kind === undefined ? [] : `kind ${[kind].flat().join(' or ')}`,
    name === undefined ? [] : `name ${String(name)}`,
  ];
  return parts.flat().join(', ') || 'everything';
}

/**
 * Two groups, [decayed, not decayed]: weights, embeddings and heads pay `weightDecay` and
 * `penalty`; biases and norms pay nothing.
 *
 * @example
 * new AdamW(decayGroups(model, { weightDecay: 0.01, penalty: l1(1e-4) }), { lr: 1e-3 });
 */
export function decayGroups<const Options extends object>(
  model: Module,
  options: Options,
): [
  Options & { params: Tensor[] },
  Omit<Options, 'weightDecay' | 'penalty'> & { params: Tensor[]; weightDecay: number; penalty: null },
] {
  const pays = ({ kind, parameter }: NamedParameter): boolean =>
    kind === undefined ? parameter.shape.length >= 2 : paying.has(kind);
  const all = model.describeParameters();
  const params = (list: readonly NamedParameter[]): Tensor[] => list.map(({ parameter }) => parameter);
  return [
    { ...options, params: params(all.filter(pays)) },
    {
      ...options,
      params: params(all.filter((parameter) => !pays(parameter))),
      weightDecay: 0,
      penalty: null,
    },
  ];
}
