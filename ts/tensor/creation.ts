import { finite, KnownKeys, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { type FloatArray, ops } from '../native.ts';
import { type Generator, generatorFor } from '../random.ts';
import { arrayTypes, type DType, dtypeOf, type FloatDType, type TensorArray } from './dtype.ts';
import { allocate, allocateInts } from './memory.ts';
import { Tensor } from './tensor.ts';
import { type Shape, showShape, sizeOf } from './shape.ts';

/** Numbers, or lists of lists of numbers of equal lengths. */
export type NestedNumbers = number | readonly NestedNumbers[];

const tensorKeys = new KnownKeys(['shape', 'dtype', 'requiresGrad']);
const randintKeys = new KnownKeys(['generator']);
const fillKeys = new KnownKeys(['dtype', 'requiresGrad', 'generator']);

/** Options of {@link tensor}. */
export interface TensorOptions {
  /** The shape; that of the nested lists, or one axis over a typed array, unless given. */
  readonly shape?: Shape;
  /** The element type of lists; float32 unless given. A typed array has its own. */
  readonly dtype?: DType;
  /** Whether a backward pass computes a gradient for it; false unless given. */
  readonly requiresGrad?: boolean;
}

/**
 * A tensor. A Float32Array, Float64Array or Int32Array is wrapped, not copied: `tensor(array).data`
 * is `array`, and what updates one updates the other. Nested lists are copied.
 *
 * @throws {ArgumentError} `ERR_SHAPE` if lists are ragged or the shape has another number of elements.
 * @example
 * const w = tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2], requiresGrad: true });
 */
export function tensor(source: NestedNumbers | TensorArray, options: TensorOptions = {}): Tensor {
  tensorKeys.check('tensor', options);
  if (options.dtype !== undefined) oneOf('tensor', 'dtype', options.dtype, ['float32', 'float64', 'int32']);
  const { requiresGrad = false } = options;
  const { data, shape } = elements(source, options.dtype);
  const wanted = options.shape ?? shape;
  if (
    wanted.some((length) => !Number.isSafeInteger(length) || length < 0) ||
    sizeOf(wanted) !== data.length
  ) {
    throw new ArgumentError(
      'ERR_SHAPE',
      'tensor',
      'shape',
      `a shape of ${data.length} elements`,
      showShape(wanted),
    );
  }
  const dtype = dtypeOf(data)!;
  if (requiresGrad && dtype === 'int32') {
    throw new ArgumentError('ERR_TYPE', 'tensor', 'requiresGrad', 'false for int32', true);
  }
  return new Tensor({ data, shape: [...wanted], dtype, requiresGrad });
}

function elements(
  source: NestedNumbers | TensorArray,
  dtype: DType | undefined,
): { data: TensorArray; shape: Shape } {
  if (typeof source === 'number' || Array.isArray(source)) {
    const numbers: NestedNumbers = source;
    const shape = shapeOfLists(numbers);
    const flat: number[] = [];
    flatten(numbers, shape, flat);
    return { data: arrayTypes[dtype ?? 'float32'].from(flat), shape };
  }
  const data = source as TensorArray;
  const own = dtypeOf(data);
  const expected = 'numbers, nested lists of them, a Float32Array, Float64Array or Int32Array';
  if (own === undefined) throw new ArgumentError('ERR_TYPE', 'tensor', 'source', expected, source);
  if (dtype !== undefined && dtype !== own) {
    const fix = `Convert it first: ${arrayTypes[dtype].name}.from(array).`;
    throw new ArgumentError('ERR_TYPE', 'tensor', 'dtype', `${own}, that of the array`, dtype, fix);
  }
  return { data, shape: [data.length] };
}

function shapeOfLists(source: NestedNumbers): Shape {
  const shape: number[] = [];
  let inner = source;
  while (Array.isArray(inner)) {
    shape.push(inner.length);
    inner = inner[0];
  }
  return shape;
}

/** Appends the numbers of `source`, which must have the shape `shape` throughout. */
function flatten(source: NestedNumbers, [length, ...inner]: Shape, flat: number[]): void {
  if (typeof source === 'number' ? length !== undefined : source.length !== length) {
    throw new ArgumentError('ERR_SHAPE', 'tensor', 'source', 'lists of equal lengths', 'ragged lists');
  }
  if (typeof source === 'number') flat.push(source);
  else for (const item of source) flatten(item, inner, flat);
}

/** Options of {@link zeros} and its like. */
export interface FillOptions {
  /** float32 unless given. */
  readonly dtype?: DType;
  /** false unless given; int32 has no gradient. */
  readonly requiresGrad?: boolean;
}

/** Options of {@link randn} and its like. */
export interface RandomOptions {
  /** float32 unless given. */
  readonly dtype?: FloatDType;
  /** false unless given. */
  readonly requiresGrad?: boolean;
  /** Where the numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

/** A zeroed tensor, its options checked. */
function fresh(owner: string, shape: Shape, options: FillOptions, dtypes: readonly DType[]): Tensor {
  fillKeys.check(owner, options);
  for (const length of shape) whole(owner, 'shape', length);
  const { dtype = 'float32', requiresGrad = false } = options;
  oneOf(owner, 'dtype', dtype, dtypes);
  if (requiresGrad && dtype === 'int32') {
    throw new ArgumentError('ERR_TYPE', owner, 'requiresGrad', 'false for int32', true);
  }
  const size = sizeOf(shape);
  const data = dtype === 'int32' ? allocateInts(size) : allocate(dtype, size);
  return new Tensor({ data, shape: [...shape], dtype, requiresGrad });
}

const all: readonly DType[] = ['float32', 'float64', 'int32'];
const floats: readonly DType[] = ['float32', 'float64'];

function filled(owner: string, shape: Shape, value: number, options: FillOptions): Tensor {
  const result = fresh(owner, shape, options, all);
  const { array } = result;
  ops[array instanceof Int32Array ? 'set_labels' : 'set']!(array, array.length, value);
  return result;
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: FillOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: FillOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

/** A tensor of one value. */
export function full(shape: Shape, value: number, options: FillOptions = {}): Tensor {
  return filled('full', shape, value, options);
}

/** A tensor of numbers that are computed here: a captured function takes them for constants. */
function computed(
  owner: string,
  shape: Shape,
  { dtype = 'float32', ...rest }: FillOptions,
  numberAt: (i: number) => number,
): Tensor {
  const { requiresGrad } = fresh(owner, [0], { dtype, ...rest }, all);
  const data = arrayTypes[dtype].from(Array.from({ length: sizeOf(shape) }, (_, i) => numberAt(i)));
  return new Tensor({ data, shape, dtype, requiresGrad });
}

/** A matrix [`rows`, `columns`] with ones on its diagonal, else 0; square unless `columns` is given. */
export function eye(rows: number, columns: number = rows, options: FillOptions = {}): Tensor {
  whole('eye', 'rows', rows);
  whole('eye', 'columns', columns);
  return computed('eye', [rows, columns], options, (i) => Number(Math.floor(i / columns) === i % columns));
}

/** The numbers from `start` up to, not including, `end`, `step` apart; `arange(n)` those from 0 up to n. */
export function arange(start: number, end?: number, step = 1, options: FillOptions = {}): Tensor {
  finite('arange', 'start', start);
  const [from, to] = end === undefined ? [0, start] : [start, finite('arange', 'end', end)];
  if (finite('arange', 'step', step) === 0) {
    throw new ArgumentError('ERR_OPTION', 'arange', 'step', 'a number that is not 0', step);
  }
  const count = Math.max(0, Math.ceil((to - from) / step));
  return computed('arange', [count], options, (i) => from + i * step);
}

/** `count` numbers from `start` to `end`, both included, equally far apart. */
export function linspace(start: number, end: number, count: number, options: FillOptions = {}): Tensor {
  finite('linspace', 'start', start);
  finite('linspace', 'end', end);
  whole('linspace', 'count', count);
  const step = (end - start) / (count - 1);
  // From both ends, so that both are met exactly.
  const numberAt = (i: number): number => (i < count / 2 ? start + i * step : end - (count - 1 - i) * step);
  return computed('linspace', [count], options, numberAt);
}

/** Numbers uniform in [0, 1). */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  const result = fresh('rand', shape, options, floats);
  generatorFor('rand', options.generator).uniform(result.array as FloatArray);
  return result;
}

/**
 * Whole numbers from `low` up to, not including, `high`, each as likely as the others; int32.
 *
 * @param options `generator`: where they come from; the common one (`manualSeed`) unless given.
 * @throws {ArgumentError} `ERR_OPTION` unless both are within int32 and `high` is above `low`.
 */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: Pick<RandomOptions, 'generator'> = {},
): Tensor {
  randintKeys.check('randint', options);
  const [least, most] = [-(2 ** 31), 2 ** 31];
  if (!(Number.isInteger(low) && low >= least && low < most)) {
    throw new ArgumentError('ERR_OPTION', 'randint', 'low', 'a whole number of 32 bits', low);
  }
  if (!(Number.isInteger(high) && high > low && high <= most)) {
    throw new ArgumentError('ERR_OPTION', 'randint', 'high', `a whole number from ${low + 1} to 2^31`, high);
  }
  const { generator } = options;
  const random = rand(shape, { dtype: 'float64', ...(generator !== undefined && { generator }) });
  return random
    .mul(high - low)
    .floor()
    .add(low)
    .to('int32');
}

/** Numbers of the standard normal distribution. */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  const result = fresh('randn', shape, options, floats);
  generatorFor('randn', options.generator).normal(result.array as FloatArray);
  return result;
}
