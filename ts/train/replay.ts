import { Recording } from '../compile/recording.ts';
import { layout, ops } from '../native.ts';
import type { AnyArray, Leaf } from '../recorder.ts';

/** An operation whose result is not finite. */
export interface Culprit {
  readonly name: string;
  readonly dims: readonly number[];
  /** Where it was found, as `where` said then. */
  readonly where: string;
}

const specs = new Map(layout.ops.map((spec) => [spec.name, spec]));

/**
 * Runs `body`, a step that ran before, once more, its random numbers drawn as they were, and puts back
 * what it changed.
 *
 * @param where says at which place of the step it is.
 * @param found is told of the first operation whose result was not finite, while gradients are the step's.
 */
export function replay<T>(
  body: () => void,
  where: () => string,
  found: (culprit: Culprit | undefined) => T,
): T {
  // Random numbers: how far a step goes on in each generator is seen first.
  const drawn = new Map<Float64Array, number>();
  const once = new Watch(where);
  once.run(body);
  for (const generator of once.generators)
    drawn.set(generator, generator[1]! - once.heldBefore(generator)[1]!);
  once.restore();
  const again = new Watch(where);
  again.run(() => {
    for (const [generator, words] of drawn) {
      const start = generator[1]! - words;
      if (start >= 0) ops['set']!(generator.subarray(1), 1, start);
    }
    body();
  });
  const finding = found(again.culprit);
  again.restore();
  return finding;
}

/** Looks at the results of operations as they run, and can undo them. */
class Watch extends Recording {
  /** The first operation whose result was not finite. */
  culprit: Culprit | undefined;
  /** The states of generators that were drawn from. */
  readonly generators: Set<Float64Array> = new Set();
  readonly #where: () => string;
  readonly #arrays = new Map<AnyArray, AnyArray>();
  readonly #grads = new Map<Leaf, Leaf['grad']>();

  constructor(where: () => string) {
    super([]);
    this.#where = where;
  }

  override operation(name: string, operands: readonly (AnyArray | number)[]): void {
    const { writes, operands: names } = specs.get(name)!;
    operands.slice(0, names.length).forEach((operand, i) => {
      if (typeof operand === 'number' || !writes[i]!) return;
      if (names[i] === 'generator') this.generators.add(operand as Float64Array);
      if (!this.isTemporary(operand) && !this.#arrays.has(operand)) {
        this.#arrays.set(operand, operand.slice());
      }
    });
  }

  override ran(name: string, operands: readonly (AnyArray | number)[]): void {
    if (this.culprit !== undefined) return;
    const { writes, operands: names, dims } = specs.get(name)!;
    const written = operands.filter((_, i) => writes[i] === true) as AnyArray[];
    if (written.every((array) => array.every(Number.isFinite))) return;
    const numbers = operands.slice(names.length, names.length + dims.length) as number[];
    this.culprit = { name, dims: numbers, where: this.#where() };
  }

  override writesGrad(leaf: Leaf): void {
    if (!this.#grads.has(leaf)) this.#grads.set(leaf, leaf.grad);
  }

  /** What an array held before the first operation that wrote to it. */
  heldBefore(array: AnyArray): AnyArray {
    return this.#arrays.get(array)!;
  }

  /** Puts everything back that was there before. */
  restore(): void {
    // Latest first: views of one array may have been kept one after the other.
    for (const [array, before] of [...this.#arrays].toReversed()) array.set(before);
    for (const [leaf, grad] of this.#grads) leaf.grad = grad;
  }
}
