/** The raw addon, for tests of what lies under the checks of TypeScript. */
import { createRequire } from 'node:module';

type Entry = (...args: readonly unknown[]) => void;

/** What `install` adds to an object. */
export interface Raw {
  readonly ops: Readonly<Record<string, Entry>>;
  readonly optimizers: Readonly<Record<string, { readonly step: Entry; readonly bind: Entry }>>;
  setErrorClass(type: new (...texts: string[]) => object): void;
  setExec(isa: number, threads: number): void;
  /** Writes how many captured programs the process has. */
  countPrograms(count: Float64Array): void;
  /** Makes the entry that is called next panic. */
  panicNext(): void;
}

interface Addon {
  install(target: object): void;
  layout(): {
    readonly commonOptions: readonly string[];
    readonly groupWidth: number;
    readonly rowWidth: number;
    readonly isas: readonly string[];
  };
}

const addon = createRequire(import.meta.url)('../native/index.js') as Addon;

export const layout: ReturnType<Addon['layout']> = addon.layout();

/** A set of raw entries of its own, apart from those that the library uses. */
export function install(): Raw {
  const target = {};
  addon.install(target);
  return target as Raw;
}
