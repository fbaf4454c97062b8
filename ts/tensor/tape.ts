import { RidgelineError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import type { Operation, Saved } from './operation.ts';
import { allocateLike, type Value } from './value.ts';

/** One operation that ran, and what its backward pass needs. */
export class TapeNode {
  readonly operation: Operation<never>;
  readonly inputs: readonly Value[];
  readonly saved: Saved;
  readonly order: number;
  readonly like: Value;
  readonly length: number;
  /** The gradient that has arrived so far, during a backward pass. */
  gradient: FloatArray | undefined;
  #versions: readonly number[];
  #spent = false;

  constructor(operation: Operation<never>, inputs: readonly Value[], saved: Saved, length: number) {
    this.operation = operation;
    this.inputs = inputs;
    this.saved = saved;
    this.like = inputs.find((input) => input.tracked) ?? inputs[0]!;
    this.length = length;
    this.order = clock.now++;
    this.#versions = inputs.map((input) => input.version);
  }

  /** Throws unless the backward pass of this operation would give the gradient of what ran. */
  check(): void {
    if (this.#spent) {
      throw new RidgelineError(
        'ERR_STATE',
        'backward: this graph was already used by a backward pass. Run the forward pass again.',
      );
    }
    for (let i = 0; i < this.inputs.length; i++) {
      if (this.inputs[i]!.version === this.#versions[i]) continue;
      throw new RidgelineError(
        'ERR_STATE',
        `backward: an input of \`${this.operation.name}\` was updated in place after the forward pass, so its gradient would be wrong. ` +
          'Call backward() before optimizer.step(), or run the forward pass again.',
      );
    }
  }

  /** Marks the node as used, so that a second backward pass says so. */
  spend(): void {
    this.#spent = true;
    this.gradient = undefined;
  }
}

const clock = { now: 0 };

/** Runs the tape from `root` back to the leaves, adding to the gradient of each. */
export function backpropagate(root: TapeNode, seed: FloatArray): void {
  const nodes = reachable(root);
  for (const node of nodes) node.check();
  root.gradient = seed;
  for (const node of nodes) {
    if (node.gradient !== undefined) propagate(node, node.gradient);
    node.spend();
  }
}

/** All nodes behind `root`, latest first: a node comes before those that it read from. */
function reachable(root: TapeNode): TapeNode[] {
  const seen = new Set([root]);
  const nodes = [root]; // grows while it is read; no recursion, so a deep graph cannot overflow the stack
  for (let i = 0; i < nodes.length; i++) {
    for (const { node } of nodes[i]!.inputs) {
      if (node === undefined || seen.has(node)) continue;
      seen.add(node);
      nodes.push(node);
    }
  }
  return nodes.sort((a, b) => b.order - a.order);
}

/** Adds what one operation passes back to each of its inputs. */
function propagate(node: TapeNode, gradient: FloatArray): void {
  const pending: (readonly [FloatArray, FloatArray])[] = [];
  const target = (i: number): FloatArray | undefined => {
    const input = node.inputs[i]!;
    if (!input.tracked) return undefined;
    const before = input.node === undefined ? input.gradientArray() : input.node.gradient;
    if (before === undefined) return claim(input);
    const extra = allocateLike(input, before.length);
    pending.push([extra, before]);
    return extra;
  };
  node.operation.backward(gradient, node.inputs, node.saved, target);
  for (const [extra, before] of pending) ops['accumulate']!(extra, before, extra.length);
}

/** The array that the first gradient of `input` is written into. */
function claim(input: Value): FloatArray {
  if (input.node === undefined) return input.claimGradient();
  return (input.node.gradient = allocateLike(input, input.data.length));
}
