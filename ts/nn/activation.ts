/** Activations as layers: each is the function of nn.functional that has its name. */
import { finite, KnownKeys, oneOf, whole } from '../check.ts';
import type { FloatDType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { floatData } from '../tensor/value.ts';
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
import * as functional from './functional-activation.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** max(x, 0), elementwise. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return functional.relu(x);
  }
}

/** x between 0 and 6. */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return functional.relu6(x);
  }
}

/** tanh x, elementwise. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return functional.tanh(x);
  }
}

/** 1/(1 + e⁻ˣ), elementwise. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return functional.sigmoid(x);
  }
}

/** 1.0507·x above 0, 1.7581·(eˣ − 1) below. */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return functional.selu(x);
  }
}

/** x·σ(x). */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return functional.silu(x);
  }
}

/** x·tanh(ln(1 + eˣ)). */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return functional.mish(x);
  }
}

/** ln σ(x). */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return functional.logsigmoid(x);
  }
}

/** min(max(x + 3, 0), 6)/6. */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return functional.hardsigmoid(x);
  }
}

/** x·min(max(x + 3, 0), 6)/6. */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return functional.hardswish(x);
  }
}

/** x/(1 + |x|). */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return functional.softsign(x);
  }
}

/** x − tanh x. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return functional.tanhshrink(x);
  }
}

/** x above 0, `negativeSlope`·x below. */
export class LeakyReLU extends Module {
  readonly options: Required<LeakyReluOptions>;

  constructor(options: LeakyReluOptions = {}) {
    super();
    this.options = leakyReluOptions.of('nn.LeakyReLU', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.leakyRelu(x, this.options);
  }
}

/** x above 0, `alpha`·(eˣ − 1) below. */
export class ELU extends Module {
  readonly options: Required<AlphaOptions>;

  constructor(options: AlphaOptions = {}) {
    super();
    this.options = alphaOptions.of('nn.ELU', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.elu(x, this.options);
  }
}

/** x above 0, `alpha`·(e^(x/`alpha`) − 1) below. */
export class CELU extends Module {
  readonly options: Required<AlphaOptions>;

  constructor(options: AlphaOptions = {}) {
    super();
    this.options = alphaOptions.of('nn.CELU', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.celu(x, this.options);
  }
}

/** x·Φ(x), or its approximation by tanh. */
export class GELU extends Module {
  readonly options: Required<GeluOptions>;

  constructor(options: GeluOptions = {}) {
    super();
    this.options = geluOptions.of('nn.GELU', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.gelu(x, this.options);
  }
}

/** ln(1 + e^(`beta`·x))/`beta`, and x where `beta`·x is above the threshold. */
export class Softplus extends Module {
  readonly options: Required<SoftplusOptions>;

  constructor(options: SoftplusOptions = {}) {
    super();
    this.options = softplusOptions.of('nn.Softplus', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.softplus(x, this.options);
  }
}

/** x from `minVal` to `maxVal`. */
export class Hardtanh extends Module {
  readonly options: Required<HardtanhOptions>;

  constructor(options: HardtanhOptions = {}) {
    super();
    this.options = hardtanhOptions.of('nn.Hardtanh', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.hardtanh(x, this.options);
  }
}

/** x moved towards 0 by `lambd`, and 0 within it. */
export class Softshrink extends Module {
  readonly options: Required<ShrinkOptions>;

  constructor(options: ShrinkOptions = {}) {
    super();
    this.options = shrinkOptions.of('nn.Softshrink', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.softshrink(x, this.options);
  }
}

/** x, and 0 within `lambd` of 0. */
export class Hardshrink extends Module {
  readonly options: Required<ShrinkOptions>;

  constructor(options: ShrinkOptions = {}) {
    super();
    this.options = shrinkOptions.of('nn.Hardshrink', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.hardshrink(x, this.options);
  }
}

/** a·σ(b), of the halves a and b of x along the axis `dim`. */
export class GLU extends Module {
  readonly options: Required<GluOptions>;
  /** Half of what comes in, which is known when it comes. */
  readonly outFeatures: undefined = undefined;

  constructor(options: GluOptions = {}) {
    super();
    this.options = gluOptions.of('nn.GLU', options);
  }

  override forward(x: Tensor): Tensor {
    return functional.glu(x, this.options);
  }
}

/** x above the threshold, else `value`. */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = finite('nn.Threshold', 'threshold', threshold);
    this.value = finite('nn.Threshold', 'value', value);
  }

  override forward(x: Tensor): Tensor {
    return functional.threshold(x, this.threshold, this.value);
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** One weight for each of so many channels, or 1 for all; 1 unless given. */
  readonly numParameters?: number;
  /** What the weights start as; 0.25 unless given. */
  readonly init?: number;
  /** float32 unless given. */
  readonly dtype?: FloatDType;
}

const preluKeys = new KnownKeys(['numParameters', 'init', 'dtype']);

/** x above 0, weight·x below, with weights that are learned; `optim.decayGroups` does not decay them. */
export class PReLU extends Module {
  /** [numParameters]. */
  readonly weight: Parameter;

  constructor(options: PReLUOptions = {}) {
    super();
    preluKeys.check('nn.PReLU', options);
    const { numParameters = 1, init = 0.25, dtype = 'float32' } = options;
    whole('nn.PReLU', 'numParameters', numParameters, 1);
    finite('nn.PReLU', 'init', init);
    oneOf('nn.PReLU', 'dtype', dtype, ['float32', 'float64']);
    this.weight = new Parameter('slope', [numParameters], dtype);
    floatData('nn.PReLU', 'weight', this.weight).fill(init);
  }

  override forward(x: Tensor): Tensor {
    return functional.prelu(x, this.weight);
  }
}
