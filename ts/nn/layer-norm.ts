import { flag, KnownKeys, oneOf, whole } from '../check.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { layerNorm, rmsNorm } from './normalize.ts';
import { Parameter } from './parameter.ts';

/** Options of {@link LayerNorm} and {@link RMSNorm}. */
export interface LayerNormLayerOptions {
  /** Added to the variance; 1e-5 unless given (of {@link RMSNorm} the precision's epsilon). */
  readonly eps?: number;
  /** Whether there is a weight, which starts at 1; true unless given. */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a bias beside it, which starts at 0; true unless given. */
  readonly bias?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
}

const layerKeys = new KnownKeys(['eps', 'elementwiseAffine', 'bias', 'dtype']);
const rmsKeys = new KnownKeys(['eps', 'elementwiseAffine', 'dtype']);

/** The width of a normalized shape: its one length, where it has one. */
type Width<S> = S extends number ? S : number;

function shapeOf(owner: string, shape: number | Shape): Shape {
  const lengths = typeof shape === 'number' ? [shape] : [...shape];
  for (const length of lengths) whole(owner, 'normalizedShape', length, 1);
  return lengths;
}

/** A parameter of ones. */
function ones(shape: Shape, dtype: FloatDType): Parameter {
  const weight = new Parameter('norm', shape, dtype);
  weight.array.fill(1);
  return weight;
}

/** {@link layerNorm} over the last axes, with a weight and a bias that are learned. */
export class LayerNorm<const S extends number | Shape = number | Shape> extends Module {
  readonly normalizedShape: Shape;
  readonly inFeatures: Width<S>;
  readonly outFeatures: Width<S>;
  readonly eps: number | undefined;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(normalizedShape: S, options: LayerNormLayerOptions = {}) {
    super();
    layerKeys.check('nn.LayerNorm', options);
    const { eps, elementwiseAffine = true, bias = true, dtype = 'float32' } = options;
    oneOf('nn.LayerNorm', 'dtype', dtype, ['float32', 'float64']);
    const learned = flag('nn.LayerNorm', 'elementwiseAffine', elementwiseAffine);
    const shape = shapeOf('nn.LayerNorm', normalizedShape);
    this.normalizedShape = shape;
    this.inFeatures = shape.at(-1)! as Width<S>;
    this.outFeatures = this.inFeatures;
    this.eps = eps;
    this.weight = learned ? ones(shape, dtype) : null;
    this.bias = learned && flag('nn.LayerNorm', 'bias', bias) ? new Parameter('bias', shape, dtype) : null;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }
}

/** {@link rmsNorm} over the last axes, with a weight that is learned. */
export class RMSNorm<const S extends number | Shape = number | Shape> extends Module {
  readonly normalizedShape: Shape;
  readonly inFeatures: Width<S>;
  readonly outFeatures: Width<S>;
  readonly eps: number | undefined;
  readonly weight: Parameter | null;

  constructor(normalizedShape: S, options: Omit<LayerNormLayerOptions, 'bias'> = {}) {
    super();
    rmsKeys.check('nn.RMSNorm', options);
    const { eps, elementwiseAffine = true, dtype = 'float32' } = options;
    oneOf('nn.RMSNorm', 'dtype', dtype, ['float32', 'float64']);
    const shape = shapeOf('nn.RMSNorm', normalizedShape);
    this.normalizedShape = shape;
    this.inFeatures = shape.at(-1)! as Width<S>;
    this.outFeatures = this.inFeatures;
    this.eps = eps;
    this.weight = flag('nn.RMSNorm', 'elementwiseAffine', elementwiseAffine) ? ones(shape, dtype) : null;
  }

  override forward(x: Tensor): Tensor {
    const { weight, eps } = this;
    return rmsNorm(x, this.normalizedShape, { weight, eps });
  }
}
