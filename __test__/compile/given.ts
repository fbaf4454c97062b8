import { compile, tensor, type Tensor } from 'ridgeline';

/** A vector. */
export const row = (...values: number[]): Tensor => tensor(values);

/** A vector that gets a gradient. */
export const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** The results of `calls` calls, eager and captured, each from a start of its own. */
export function both<R>(
  calls: number,
  make: () => { step: () => R; between?: (call: number) => void },
): [R[], R[]] {
  const run = (captured: boolean): R[] => {
    const { step, between } = make();
    const called = captured ? compile(step) : step;
    return Array.from({ length: calls }, (_, i) => {
      const result = called();
      between?.(i + 1);
      return result;
    });
  };
  return [run(false), run(true)];
}

/** The elements of each. */
export const values = (list: readonly Tensor[]): number[][] => list.map(({ data }) => [...data]);
