import { KnownKeys, oneOf, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { ops } from '../native.ts';
import { type Generator, generatorFor } from '../random.ts';
import { arrayTypes, type DType, dtypeOf, type FloatDType, type TensorArray } from './dtype.ts';
import { allocate } from './memory.ts';
import { Tensor } from './tensor.ts';
import { type Shape, showShape, sizeOf } from './shape.ts';

/** Numbers, or lists of lists of numbers of equal lengths. */
export type NestedNumbers = number | readonly NestedNumbers[];

const tensorKeys = new KnownKeys(['shape', 'dtype', 'requiresGrad']);
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
  readonly dtype?: FloatDType;
  /** false unless given. */
  readonly requiresGrad?: boolean;
}

/** Options of {@link randn} and its like. */
export interface RandomOptions extends FillOptions {
  /** Where the numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

function filled(owner: string, shape: Shape, options: FillOptions): Tensor {
  fillKeys.check(owner, options);
  for (const length of shape) whole(owner, 'shape', length);
  const { dtype = 'float32', requiresGrad = false } = options;
  oneOf(owner, 'dtype', dtype, ['float32', 'float64']);
  return new Tensor({ data: allocate(dtype, sizeOf(shape)), shape: [...shape], dtype, requiresGrad });
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: FillOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: FillOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** A tensor of one value. */
export function full(shape: Shape, value: number, options: FillOptions = {}): Tensor {
  const result = filled('full', shape, options);
  const { array } = result;
  if (!(array instanceof Int32Array)) ops['set']!(array, array.length, value);
  return result;
}

/** Numbers uniform in [0, 1). */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  const result = filled('rand', shape, options);
  const { array } = result;
  if (!(array instanceof Int32Array)) generatorFor('rand', options.generator).uniform(array);
  return result;
}

/** Numbers of the standard normal distribution. */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  const result = filled('randn', shape, options);
  const { array } = result;
  if (!(array instanceof Int32Array)) generatorFor('randn', options.generator).normal(array);
  return result;
}
