/** Every operation on elements, as a function that keeps the shape; what takes positive numbers gets them. */
import { full, nn, tensor, type Tensor, where } from 'ridgeline';

const F = nn.functional;

/** A tensor like x, of numbers that are fixed. */
function like(x: Tensor, value: (i: number) => number): Tensor {
  const numbers = Array.from({ length: x.size }, (_, i) => value(i));
  return tensor(numbers, { dtype: x.dtype }).reshape(x.shape);
}

const positive = (x: Tensor): Tensor => x.abs().add(0.5);
const other = (x: Tensor): Tensor => like(x, (i) => Math.cos(3 * i) + 0.1);
const weight = (x: Tensor, length: number): Tensor =>
  full([length], 0.3, x.dtype === 'float64' ? { dtype: 'float64' } : {});

export const pointwise: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => positive(x).log(),
  log1p: (x) => positive(x).log1p(),
  log2: (x) => positive(x).log2(),
  log10: (x) => positive(x).log10(),
  sqrt: (x) => positive(x).sqrt(),
  rsqrt: (x) => positive(x).rsqrt(),
  reciprocal: (x) => positive(x).reciprocal(),
  'pow of 0': (x) => x.pow(0),
  'pow of 1': (x) => x.pow(1),
  'pow of 2': (x) => x.pow(2),
  'pow of 3': (x) => x.pow(3),
  'pow of -1': (x) => positive(x).pow(-1),
  'pow of 1.7': (x) => positive(x).pow(1.7),
  'pow of 4': (x) => x.pow(4),
  'pow of a tensor': (x) => positive(x).pow(other(x)),
  'pow to a tensor': (x) => positive(other(x)).pow(x),
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  erf: (x) => x.erf(),
  sign: (x) => x.sign(),
  floor: (x) => x.floor(),
  ceil: (x) => x.ceil(),
  round: (x) => x.round(),
  trunc: (x) => x.trunc(),
  clamp: (x) => x.clamp({ min: -0.4, max: 0.7 }),
  'clamp below': (x) => x.clamp({ min: -0.4 }),
  'clamp above': (x) => x.clamp({ max: 0.7 }),
  'clamp by tensors': (x) => x.clamp({ min: other(x).sub(2), max: other(x) }),
  'clamp by a number and a tensor': (x) => x.clamp({ min: -0.4, max: other(x) }),
  minimum: (x) => x.minimum(other(x)),
  maximum: (x) => other(x).maximum(x),
  where: (x) => where(x.gt(0.2), x, other(x)),
  'where with numbers': (x) => where(x.le(0.2).logicalOr(x.gt(other(x)).logicalNot()), 2, x.mul(3)),
  comparisons: (x) =>
    where(x.lt(other(x)).logicalAnd(x.ne(0)), x, x.mul(2)).add(where(x.ge(1).eq(other(x).eq(0)), 1, x)),
  relu6: (x) => F.relu6(x.mul(4)),
  leakyRelu: (x) => F.leakyRelu(x),
  'leakyRelu of 0.2': (x) => F.leakyRelu(x, { negativeSlope: 0.2 }),
  'prelu of one weight': (x) => F.prelu(x, weight(x, 1)),
  'prelu by channel': (x) => F.prelu(x, weight(x, x.shape[1]!)),
  elu: (x) => F.elu(x),
  'elu of 0.7': (x) => F.elu(x, { alpha: 0.7 }),
  selu: (x) => F.selu(x),
  'celu of 2': (x) => F.celu(x, { alpha: 2 }),
  gelu: (x) => F.gelu(x),
  'gelu by tanh': (x) => F.gelu(x, { approximate: 'tanh' }),
  silu: (x) => F.silu(x),
  mish: (x) => F.mish(x),
  softplus: (x) => F.softplus(x),
  'softplus of 2 and 1': (x) => F.softplus(x, { beta: 2, threshold: 1 }),
  logsigmoid: (x) => F.logsigmoid(x),
  hardtanh: (x) => F.hardtanh(x),
  'hardtanh from -0.3 to 2': (x) => F.hardtanh(x, { minVal: -0.3, maxVal: 2 }),
  hardsigmoid: (x) => F.hardsigmoid(x.mul(3)),
  hardswish: (x) => F.hardswish(x.mul(3)),
  softsign: (x) => F.softsign(x),
  softshrink: (x) => F.softshrink(x),
  'softshrink of 0.1': (x) => F.softshrink(x, { lambd: 0.1 }),
  hardshrink: (x) => F.hardshrink(x),
  'hardshrink of 0.1': (x) => F.hardshrink(x, { lambd: 0.1 }),
  tanhshrink: (x) => F.tanhshrink(x),
  threshold: (x) => F.threshold(x, 0.1, 20),
  glu: (x) => {
    const doubled = x.reshape([-1, 1]).matmul(tensor([[1, -2]], { dtype: x.dtype }));
    return F.glu(doubled).reshape(x.shape);
  },
};
