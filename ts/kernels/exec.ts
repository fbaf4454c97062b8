import { cpus } from 'node:os';
import { KnownKeys, oneOf, whole } from '../check.ts';
import { layout, setExec } from '../native.ts';

/** Instruction sets that kernels are compiled for. */
export type Isa = 'avx512' | 'avx2' | 'neon' | 'scalar';

/** How one call runs. Neither changes a bit of an elementwise result, a penalty or an update. */
export interface ExecOptions {
  /** The instruction set of this call; that of {@link info} unless given. */
  readonly isa?: Isa;
  /** Threads of this call, 1 to 256; those of {@link setThreads} unless given. */
  readonly threads?: number;
}

/** What the kernels run on. */
export interface KernelInfo {
  /** The instruction set that was chosen when the library was loaded. */
  readonly isa: Isa;
  /** Every instruction set of this CPU, widest first. */
  readonly isas: readonly Isa[];
  /** Threads of a call on a large array. */
  readonly threads: number;
}

const MAX_THREADS = 256;

/** Keys of {@link ExecOptions}. */
export const execKeys: KnownKeys = new KnownKeys(['isa', 'threads']);
const isas = layout.isas as readonly Isa[];
const fromEnvironment = process.env;

const chosen: { isa: Isa; threads: number } = {
  isa: oneOf('RIDGELINE_ISA', 'RIDGELINE_ISA', (fromEnvironment['RIDGELINE_ISA'] ?? isas[0]) as Isa, isas),
  threads: threadCount(
    'RIDGELINE_THREADS',
    Number(fromEnvironment['RIDGELINE_THREADS'] ?? Math.min(cpus().length, MAX_THREADS)),
  ),
};
apply(chosen);

function threadCount(owner: string, threads: number): number {
  whole(owner, 'threads', threads, 1);
  return Math.min(threads, MAX_THREADS);
}

function apply({ isa, threads }: { readonly isa: Isa; readonly threads: number }): void {
  setExec(isas.indexOf(isa), threads);
}

/** The instruction set and the number of threads that kernels use. */
export function info(): KernelInfo {
  return { isa: chosen.isa, isas: [...isas], threads: chosen.threads };
}

/**
 * Sets how many threads calls on large arrays use, 1 to 256: from 2¹⁸ elements, or 2¹⁵ while one is awake.
 * The default is `RIDGELINE_THREADS`, or the number of cores; no more than those ever run. Results do not
 * depend on it.
 *
 * @throws {ArgumentError} `ERR_OPTION` unless `threads` is a whole number of at least 1.
 */
export function setThreads(threads: number): void {
  chosen.threads = threadCount('kernels.setThreads', threads);
  apply(chosen);
}

/** Runs `call` with the instruction set and threads of `options`, if it names any. */
export function withExec<T>(owner: string, options: ExecOptions, call: () => T): T {
  if (options.isa === undefined && options.threads === undefined) return call();
  const isa = oneOf(owner, 'isa', options.isa ?? chosen.isa, isas);
  const threads = threadCount(owner, options.threads ?? chosen.threads);
  apply({ isa, threads });
  try {
    return call();
  } finally {
    apply(chosen);
  }
}
