import { RidgelineError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import type { GraphNode, Operation, Saved, Value } from './graph.ts';
import { allocateLike } from './value.ts';

const clock = { now: 0 };

/** One operation that ran, and what its backward pass needs. */
export class TapeNode implements GraphNode {
  readonly operation: Operation<never>;
  readonly inputs: readonly Value[];
  readonly saved: Saved;
  readonly order: number;
  gradient: FloatArray | undefined;
  #versions: readonly number[];
  #spent = false;

  constructor(operation: Operation<never>, inputs: readonly Value[], saved: Saved) {
    this.operation = operation;
    this.inputs = inputs;
    this.saved = saved;
    this.order = clock.now++;
    this.#versions = inputs.map((input) => input.version);
  }

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

  spend(): void {
    this.#spent = true;
    this.gradient = undefined;
  }
}

/** Runs the tape from `root` back to the leaves, adding to the gradient of each. */
export function backpropagate(root: GraphNode, seed: FloatArray): void {
  const nodes = reachable(root);
  for (const node of nodes) node.check();
  root.gradient = seed;
  for (const node of nodes) {
    if (node.gradient !== undefined) propagate(node, node.gradient);
    node.spend();
  }
}

/** All nodes behind `root`, latest first: a node comes before those that it read from. */
function reachable(root: GraphNode): GraphNode[] {
  const seen = new Set([root]);
  const nodes = [root]; // grows while it is read; no recursion, so a deep graph cannot overflow the stack
  for (let i = 0; i < nodes.length; i++) {
    for (const { node } of nodes[i]!.inputs) {
      if (node === undefined || seen.has(node)) continue;
      seen.add(node);
      nodes.push(node);
    }
  }
  return nodes.toSorted((a, b) => b.order - a.order);
}

/** Adds what one operation passes back to each of its inputs. */
function propagate(node: GraphNode, gradient: FloatArray): void {
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
  return (input.node.gradient = allocateLike(input, input.size));
}
