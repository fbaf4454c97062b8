/** Activations as functions of tensors. NaN passes through all of them; gradients at kinks are PyTorch's. */
import { finite } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import * as activation from '../tensor/ops/activation.ts';
import * as pointwise from '../tensor/ops/pointwise.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import {
  type AlphaOptions,
  alphaOptions,
  type GeluOptions,
  geluOptions,
  type GluOptions,
  gluOptions,
  type HardtanhOptions,
  hardtanhOptions,
  type LeakyReluOptions,
  leakyReluOptions,
  type ShrinkOptions,
  shrinkOptions,
  type SoftplusOptions,
  softplusOptions,
} from './activation-options.ts';

/** max(x, 0), elementwise, with gradient 0 at 0. */
export function relu(x: Tensor): Tensor {
  return x.relu();
}

/** tanh x, elementwise. */
export function tanh(x: Tensor): Tensor {
  return x.tanh();
}

/** 1/(1 + e⁻ˣ), elementwise. */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid();
}

/** x between 0 and 6, with gradient 0 at both and beyond. */
export function relu6(x: Tensor): Tensor {
  return apply(pointwise.hardtanh, [x], [0, 6]);
}

/** x above 0, `negativeSlope`·x below; the gradient at 0 is that slope. */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  return apply(pointwise.leakyRelu, [x], [leakyReluOptions.of('leakyRelu', options).negativeSlope]);
}

/**
 * x above 0, weight·x below, with weights that are learned (He et al. 2015); the gradient at 0 is that from below.
 *
 * @param x [samples, channels, …], or of any shape where there is one weight.
 * @param weight one for each channel, or one.
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  return apply(activation.prelu, [x, weight]);
}

/** x above 0, `alpha`·(eˣ − 1) below (Clevert et al. 2015); the gradient at 0 is `alpha`. */
export function elu(x: Tensor, options: AlphaOptions = {}): Tensor {
  return apply(pointwise.elu, [x], [1, alphaOptions.of('elu', options).alpha, 1]);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** 1.0507·x above 0, 1.7581·(eˣ − 1) below (Klambauer et al. 2017); the gradient at 0 is that from below. */
export function selu(x: Tensor): Tensor {
  return apply(pointwise.elu, [x], [SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1]);
}

/** x above 0, `alpha`·(e^(x/`alpha`) − 1) below (Barron 2017), with gradient 1 at 0. */
export function celu(x: Tensor, options: AlphaOptions = {}): Tensor {
  const { alpha } = alphaOptions.of('celu', options);
  if (alpha === 0) throw new ArgumentError('ERR_OPTION', 'celu', 'alpha', 'a number other than 0', alpha);
  return apply(pointwise.elu, [x], [1, alpha, 1 / alpha]);
}

/** x·Φ(x), Φ being the distribution function of the normal distribution (Hendrycks and Gimpel 2016). */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate } = geluOptions.of('gelu', options);
  return apply(approximate === 'tanh' ? pointwise.geluTanh : pointwise.gelu, [x]);
}

/** x·σ(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return apply(pointwise.silu, [x]);
}

/** x·tanh(ln(1 + eˣ)) (Misra 2019). */
export function mish(x: Tensor): Tensor {
  return apply(pointwise.mish, [x]);
}

/** ln(1 + e^(`beta`·x))/`beta`, and x where `beta`·x is above the threshold. */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  const { beta, threshold: above } = softplusOptions.of('softplus', options);
  if (beta === 0) throw new ArgumentError('ERR_OPTION', 'softplus', 'beta', 'a number other than 0', beta);
  return apply(pointwise.softplus, [x], [beta, above]);
}

/** ln σ(x), without overflow. */
export function logsigmoid(x: Tensor): Tensor {
  return apply(pointwise.logsigmoid, [x]);
}

/** x from `minVal` to `maxVal`, with gradient 0 at the bounds and beyond. */
export function hardtanh(x: Tensor, options: HardtanhOptions = {}): Tensor {
  const { minVal, maxVal } = hardtanhOptions.of('hardtanh', options);
  return apply(pointwise.hardtanh, [x], [minVal, maxVal]);
}

/** min(max(x + 3, 0), 6)/6, with gradient 0 at −3 and 3 and beyond. */
export function hardsigmoid(x: Tensor): Tensor {
  return apply(pointwise.hardsigmoid, [x]);
}

/** x·min(max(x + 3, 0), 6)/6 (Howard et al. 2019), with gradient 0 at −3 and 1 at 3. */
export function hardswish(x: Tensor): Tensor {
  return apply(pointwise.hardswish, [x]);
}

/** x/(1 + |x|). */
export function softsign(x: Tensor): Tensor {
  return apply(pointwise.softsign, [x]);
}

/** x moved towards 0 by `lambd`, and 0 within it, where the gradient is 0, at ±`lambd` too. */
export function softshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  return apply(pointwise.softshrink, [x], [shrinkOptions.of('softshrink', options).lambd]);
}

/** x, and 0 within `lambd` of 0, where the gradient is 0, at ±`lambd` too. */
export function hardshrink(x: Tensor, options: ShrinkOptions = {}): Tensor {
  return apply(pointwise.hardshrink, [x], [shrinkOptions.of('hardshrink', options).lambd]);
}

/** x − tanh x. */
export function tanhshrink(x: Tensor): Tensor {
  return apply(pointwise.tanhshrink, [x]);
}

/** x above `above`, else `value`; the gradient at the threshold is 0. */
export function threshold(x: Tensor, above: number, value: number): Tensor {
  finite('threshold', 'above', above);
  finite('threshold', 'value', value);
  return apply(pointwise.threshold, [x], [above, value]);
}

/** a·σ(b), of the halves a and b of x along the axis `dim` (Dauphin et al. 2017). */
export function glu(x: Tensor, options: GluOptions = {}): Tensor {
  const { dim } = gluOptions.of('glu', options);
  const axis = dim < 0 ? dim + x.shape.length : dim;
  if (x.shape[axis] !== undefined) return apply(activation.glu, [x], axis);
  throw new ArgumentError('ERR_OPTION', 'glu', 'dim', `an axis of a tensor that has ${x.shape.length}`, dim);
}
