import { flag, KnownKeys, oneOf, whole } from '../check.ts';
import { type Generator, generatorFor } from '../random.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { linear } from './functional.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Whether there is a bias; true unless given. */
  readonly bias?: boolean;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
  /** Where the initial numbers come from; the common generator (`manualSeed`) unless given. */
  readonly generator?: Generator;
}

const linearKeys = new KnownKeys(['bias', 'dtype', 'generator']);

/**
 * x·weightᵀ + bias, with weight [`Out`, `In`]. The initial weights and biases are uniform within
 * ±1/√In, as PyTorch draws them.
 */
export class Linear<const In extends number = number, const Out extends number = number> extends Module {
  readonly inFeatures: In;
  readonly outFeatures: Out;
  /** [outFeatures, inFeatures]. */
  readonly weight: Parameter;
  /** [outFeatures], or null without a bias. */
  readonly bias: Parameter | null;

  constructor(inFeatures: In, outFeatures: Out, options: LinearOptions = {}) {
    super();
    whole('nn.Linear', 'inFeatures', inFeatures, 1);
    whole('nn.Linear', 'outFeatures', outFeatures, 1);
    linearKeys.check('nn.Linear', options);
    const { bias = true, dtype = 'float32', generator } = options;
    flag('nn.Linear', 'bias', bias);
    oneOf('nn.Linear', 'dtype', dtype, ['float32', 'float64']);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter('weight', [outFeatures, inFeatures], dtype);
    this.bias = bias ? new Parameter('bias', [outFeatures], dtype) : null;
    const source = generatorFor('nn.Linear', generator);
    for (const parameter of [this.weight, this.bias]) parameter?.draw(source, 1 / Math.sqrt(inFeatures));
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias ?? undefined);
  }
}
