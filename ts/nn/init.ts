/** What parameters start from: PyTorch's `torch.nn.init`. Each fills a tensor in place and returns it. */
import { finite, KnownKeys, nonNegative, oneOf, probability, whole } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { FloatArray } from '../native.ts';
import { type Generator, generatorFor } from '../random.ts';
import { recording } from '../recorder.ts';
import { showShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { ownData } from '../tensor/value.ts';
import { orthonormal } from './orthonormal.ts';
import { truncated } from './truncated.ts';

/** Where random numbers come from. */
export interface InitOptions {
  /** The common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

/** Lets `write` fill the elements of `tensor`, in which no gradient is recorded. */
function fill<T extends Tensor>(owner: string, tensor: T, write: (data: FloatArray) => void): T {
  recording.now?.changes('initial values');
  if (!(tensor instanceof Tensor)) {
    throw new ArgumentError('ERR_TYPE', owner, 'tensor', 'a tensor', tensor, 'Pass layer.weight.');
  }
  write(ownData(owner, 'tensor', tensor));
  tensor.changed();
  return tensor;
}

/** Throws unless `tensor` has a number of axes that is between these. */
function checkRank(owner: string, tensor: Tensor, least: number, most = Infinity): void {
  const { length } = tensor.shape;
  if (length >= least && length <= most) return;
  const expected = least === most ? `${least}` : `${least} ${most === Infinity ? 'or more' : `to ${most}`}`;
  throw new ArgumentError('ERR_SHAPE', owner, 'tensor', `of ${expected} axes`, showShape(tensor.shape));
}

/** Options of {@link uniform}. */
export interface UniformOptions extends InitOptions {
  /** The lowest number; 0 unless given. */
  readonly a?: number;
  /** The end, which is not reached; 1 unless given. */
  readonly b?: number;
}

const uniformKeys = new KnownKeys(['a', 'b', 'generator']);

/** Numbers uniform in [a, b). */
export function uniform<T extends Tensor>(tensor: T, options: UniformOptions = {}): T {
  const owner = 'init.uniform';
  uniformKeys.check(owner, options);
  const { a = 0, b = 1, generator } = options;
  checkInterval(owner, a, b);
  const source = generatorFor(owner, generator);
  return fill(owner, tensor, (data) => source.uniform(data, a, b));
}

function checkInterval(owner: string, a: number, b: number): void {
  finite(owner, 'a', a);
  if (finite(owner, 'b', b) < a) throw new ArgumentError('ERR_OPTION', owner, 'b', `at least a, ${a}`, b);
}

/** Options of {@link normal}. */
export interface NormalOptions extends InitOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation, at least 0; 1 unless given. */
  readonly std?: number;
}

const normalKeys = new KnownKeys(['mean', 'std', 'generator']);

/** Normal numbers. */
export function normal<T extends Tensor>(tensor: T, options: NormalOptions = {}): T {
  const owner = 'init.normal';
  normalKeys.check(owner, options);
  const { mean = 0, std = 1, generator } = options;
  finite(owner, 'mean', mean);
  nonNegative(owner, 'std', std);
  const source = generatorFor(owner, generator);
  return fill(owner, tensor, (data) => source.normal(data, mean, std));
}

/** Options of {@link truncNormal}. */
export interface TruncNormalOptions extends NormalOptions {
  /** No number is below it; −2 unless given. */
  readonly a?: number;
  /** No number is above it; 2 unless given. */
  readonly b?: number;
}

const truncKeys = new KnownKeys(['mean', 'std', 'a', 'b', 'generator']);

/** Normal numbers of which those outside of [a, b] are drawn again; a and b are numbers, not deviations. */
export function truncNormal<T extends Tensor>(tensor: T, options: TruncNormalOptions = {}): T {
  const owner = 'init.truncNormal';
  truncKeys.check(owner, options);
  const { mean = 0, std = 1, a = -2, b = 2, generator } = options;
  finite(owner, 'mean', mean);
  nonNegative(owner, 'std', std);
  checkInterval(owner, a, b);
  const source = generatorFor(owner, generator);
  return fill(owner, tensor, (data) => truncated(source, data, { mean, std, a, b }));
}

/** One number everywhere; NaN and infinities too. */
export function constant<T extends Tensor>(tensor: T, value: number): T {
  const owner = 'init.constant';
  if (typeof value !== 'number') throw new ArgumentError('ERR_TYPE', owner, 'value', 'a number', value);
  return fill(owner, tensor, (data) => data.fill(value));
}

/** 1 everywhere. */
export function ones<T extends Tensor>(tensor: T): T {
  return fill('init.ones', tensor, (data) => data.fill(1));
}

/** 0 everywhere. */
export function zeros<T extends Tensor>(tensor: T): T {
  return fill('init.zeros', tensor, (data) => data.fill(0));
}

/** 1 on the diagonal of a matrix, 0 elsewhere. */
export function eye<T extends Tensor>(tensor: T): T {
  const owner = 'init.eye';
  return fill(owner, tensor, (data) => {
    checkRank(owner, tensor, 2, 2);
    const [rows, columns] = tensor.shape;
    data.fill(0);
    for (let i = 0; i < Math.min(rows!, columns!); i++) data[i * columns! + i] = 1;
  });
}

const diracKeys = new KnownKeys(['groups']);

/**
 * Of a convolution [out, in, …sizes] the weights that pass channels on as they are: 1 in the middle of the
 * window where in- and output have the same number, in each of `groups` groups of outputs (1).
 */
export function dirac<T extends Tensor>(tensor: T, options: { readonly groups?: number } = {}): T {
  const owner = 'init.dirac';
  diracKeys.check(owner, options);
  const groups = whole(owner, 'groups', options.groups ?? 1, 1);
  return fill(owner, tensor, (data) => {
    checkRank(owner, tensor, 3, 5);
    const [outputs, inputs, ...sizes] = tensor.shape;
    if (outputs! % groups !== 0) {
      throw new ArgumentError('ERR_VALUE', owner, 'groups', `a divisor of ${outputs} outputs`, groups);
    }
    const window = sizes.reduce((product, size) => product * size, 1);
    const middle = sizes.reduce((place, size) => place * size + Math.floor(size / 2), 0);
    const each = outputs! / groups;
    data.fill(0);
    for (let out = 0; out < outputs!; out++) {
      const channel = out % each;
      if (channel < inputs!) data[(out * inputs! + channel) * window + middle] = 1;
    }
  });
}

/** What follows a layer, by which its weights are scaled. */
export type Nonlinearity =
  'linear' | 'conv1d' | 'conv2d' | 'conv3d' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

const gains: Readonly<Record<Nonlinearity, (slope: number) => number>> = {
  linear: () => 1,
  conv1d: () => 1,
  conv2d: () => 1,
  conv3d: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: (slope) => Math.sqrt(2 / (1 + slope ** 2)),
  selu: () => 3 / 4,
};

/**
 * What weights before `nonlinearity` are scaled by to keep the size of its results: tanh 5/3, relu √2,
 * leakyRelu √(2/(1 + slope²)), selu 3/4, else 1, as in PyTorch.
 *
 * @param slope of leakyRelu below 0; .01 unless given.
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  const owner = 'init.calculateGain';
  oneOf(owner, 'nonlinearity', nonlinearity, Object.keys(gains) as Nonlinearity[]);
  return gains[nonlinearity](finite(owner, 'slope', slope));
}

/** How many inputs an output has, and how many outputs an input: of [out, in, …sizes of a window]. */
function fansOf(owner: string, tensor: Tensor): { readonly fanIn: number; readonly fanOut: number } {
  if (!(tensor instanceof Tensor)) throw new ArgumentError('ERR_TYPE', owner, 'tensor', 'a tensor', tensor);
  checkRank(owner, tensor, 2);
  const [outputs, inputs, ...sizes] = tensor.shape;
  const window = sizes.reduce((product, size) => product * size, 1);
  return { fanIn: inputs! * window, fanOut: outputs! * window };
}

/** Options of {@link xavierUniform} and {@link xavierNormal}. */
export interface XavierOptions extends InitOptions {
  /** Multiplies all numbers, see {@link calculateGain}; 1 unless given. */
  readonly gain?: number;
}

const xavierKeys = new KnownKeys(['gain', 'generator']);

/** gain·√(2/(fanIn + fanOut)). */
function xavierDeviation(owner: string, tensor: Tensor, options: XavierOptions): number {
  xavierKeys.check(owner, options);
  const { fanIn, fanOut } = fansOf(owner, tensor);
  return nonNegative(owner, 'gain', options.gain ?? 1) * Math.sqrt(2 / Math.max(1, fanIn + fanOut));
}

/** What draws, and within ±√3·deviation, which has that deviation. */
function drawUniform<T extends Tensor>(owner: string, tensor: T, deviation: number, options: InitOptions): T {
  const [source, bound] = [generatorFor(owner, options.generator), Math.sqrt(3) * deviation];
  return fill(owner, tensor, (data) => source.uniform(data, -bound, bound));
}

function drawNormal<T extends Tensor>(owner: string, tensor: T, deviation: number, options: InitOptions): T {
  const source = generatorFor(owner, options.generator);
  return fill(owner, tensor, (data) => source.normal(data, 0, deviation));
}

/**
 * Numbers uniform within ±gain·√(6/(fanIn + fanOut)), of [out, in, …].
 *
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform<T extends Tensor>(tensor: T, options: XavierOptions = {}): T {
  const owner = 'init.xavierUniform';
  return drawUniform(owner, tensor, xavierDeviation(owner, tensor, options), options);
}

/** Normal numbers of standard deviation gain·√(2/(fanIn + fanOut)), of [out, in, …]. */
export function xavierNormal<T extends Tensor>(tensor: T, options: XavierOptions = {}): T {
  const owner = 'init.xavierNormal';
  return drawNormal(owner, tensor, xavierDeviation(owner, tensor, options), options);
}

/** Options of {@link kaimingUniform} and {@link kaimingNormal}. */
export interface KaimingOptions extends InitOptions {
  /** The slope of leakyRelu below 0; 0 unless given. */
  readonly a?: number;
  /** Whether sizes are kept on the way forward or on the way back; `fanIn` unless given. */
  readonly mode?: 'fanIn' | 'fanOut';
  /** What follows; `leakyRelu` unless given. */
  readonly nonlinearity?: Nonlinearity;
}

const kaimingKeys = new KnownKeys(['a', 'mode', 'nonlinearity', 'generator']);

/** gain/√fan. */
function kaimingDeviation(owner: string, tensor: Tensor, options: KaimingOptions): number {
  kaimingKeys.check(owner, options);
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options;
  oneOf(owner, 'mode', mode, ['fanIn', 'fanOut']);
  oneOf(owner, 'nonlinearity', nonlinearity, Object.keys(gains) as Nonlinearity[]);
  const slope = finite(owner, 'a', a);
  return gains[nonlinearity](slope) / Math.sqrt(Math.max(1, fansOf(owner, tensor)[mode]));
}

/**
 * Numbers uniform within ±gain·√(3/fan), of [out, in, …]. With `a: Math.sqrt(5)` it is how `nn.Linear` starts.
 *
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  const owner = 'init.kaimingUniform';
  return drawUniform(owner, tensor, kaimingDeviation(owner, tensor, options), options);
}

/** Normal numbers of standard deviation gain/√fan, of [out, in, …]. */
export function kaimingNormal<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  const owner = 'init.kaimingNormal';
  return drawNormal(owner, tensor, kaimingDeviation(owner, tensor, options), options);
}

/**
 * `gain` times a random matrix of orthonormal rows or columns, whichever are fewer, of [rows, …] with all
 * further axes as columns. It takes min(m, n)²·max(m, n) multiplications on the calling thread.
 *
 * @see Saxe et al. 2014, https://arxiv.org/abs/1312.6120
 */
export function orthogonal<T extends Tensor>(tensor: T, options: XavierOptions = {}): T {
  const owner = 'init.orthogonal';
  xavierKeys.check(owner, options);
  const gain = nonNegative(owner, 'gain', options.gain ?? 1);
  const source = generatorFor(owner, options.generator);
  return fill(owner, tensor, (data) => {
    checkRank(owner, tensor, 2);
    orthonormal(source, data, tensor.shape[0]!, gain);
  });
}

/** Options of {@link sparse}. */
export interface SparseOptions extends InitOptions {
  /** The share of each column that is 0, rounded up to whole elements. */
  readonly sparsity: number;
  /** The standard deviation of the others; .01 unless given. */
  readonly std?: number;
}

const sparseKeys = new KnownKeys(['sparsity', 'std', 'generator']);

/**
 * Normal numbers in a matrix, as many of each column 0 as `sparsity` says.
 *
 * @see Martens 2010, https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf
 */
export function sparse<T extends Tensor>(tensor: T, options: SparseOptions): T {
  const owner = 'init.sparse';
  sparseKeys.check(owner, options);
  const { sparsity, std = 0.01, generator } = options;
  probability(owner, 'sparsity', sparsity);
  nonNegative(owner, 'std', std);
  const source = generatorFor(owner, generator);
  return fill(owner, tensor, (data) => {
    checkRank(owner, tensor, 2, 2);
    const [rows, columns] = [tensor.shape[0]!, tensor.shape[1]!];
    const order = new Int32Array(rows);
    source.normal(data, 0, std);
    for (let column = 0; column < columns; column++) {
      source.permutation(order);
      for (const row of order.subarray(0, Math.ceil(sparsity * rows))) data[row * columns + column] = 0;
    }
  });
}
