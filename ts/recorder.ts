/** What a recording is told while a captured function runs (see compile/recording.ts). */

/** Numbers of one precision. */
type FloatArray = Float32Array | Float64Array;

/** An array that operations read or write. */
export type AnyArray = FloatArray | Int32Array;

/** A leaf, as far as recordings look at it. */
export interface Leaf {
  grad: { readonly array: AnyArray } | null;
}

/** What is told of a captured function, in the order in which it happens. */
export interface Recorder {
  /** An operation of the native table runs. */
  operation(name: string, operands: readonly (AnyArray | number)[]): void;
  /** It has run. */
  ran(name: string, operands: readonly (AnyArray | number)[]): void;
  /** An update runs over segments of five arrays each. */
  update(optimizer: string, control: Float64Array, arrays: readonly (FloatArray | undefined)[]): void;
  /** An array was made for a result: its contents belong to this run. */
  made(array: AnyArray): void;
  /** The function looks at the gradient of a leaf. */
  readsGrad(leaf: Leaf): void;
  /** The function sets the gradient of a leaf. */
  writesGrad(leaf: Leaf): void;
  /** The function goes the way it goes as long as this holds. */
  relies(holds: () => boolean): void;
  /** What the host does before each run: writing options where native code reads them, in `written`. */
  before(prepare: () => void, written: Float64Array): void;
  /** What the host does after each run. */
  after(finish: () => void): void;
  /** An object whose fields are the outcome of the run: how to make it anew. */
  outcome(object: object, make: () => object): void;
  /** Throws: a value is looked at in the middle. */
  looks(what: string): never;
  /** Throws: something of the host is changed, which replays would not do again. */
  changes(what: string): never;
}

/** The recording that is under way, if one is. */
export const recording: { now: Recorder | undefined } = { now: undefined };
