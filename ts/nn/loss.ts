import type { Tensor } from '../tensor/tensor.ts';
import {
  checkEntropy,
  checkNll,
  crossEntropy,
  type CrossEntropyOptions,
  nllLoss,
  type NLLOptions,
} from './label-losses.ts';
import {
  bceKeys,
  type BCEOptions,
  type BCEWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  checkHuber,
  checkKLDiv,
  checkLoss,
  checkSmoothL1,
  huberLoss,
  type HuberOptions,
  klDiv,
  type KLDivOptions,
  l1Loss,
  logitsKeys,
  type LossOptions,
  mseLoss,
  smoothL1Loss,
  type SmoothL1Options,
} from './losses.ts';

/** A data loss: a scalar of what a model gave and what was true. */
export interface Loss {
  /**
   * The loss, a scalar tensor: the mean over samples.
   *
   * @param sampleWeight what each sample counts, [samples]; all alike without it.
   */
  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor;
}

/** Options of a loss as a layer: the weights of samples come with these. */
type Fixed<Options> = Omit<Options, 'sampleWeight'>;

/** The options of a call. */
function beside<Options extends object>(
  options: Options,
  sampleWeight: Tensor | undefined,
): Options & { readonly sampleWeight?: Tensor } {
  return sampleWeight === undefined ? options : { ...options, sampleWeight };
}

/**
 * −ln softmax(output)[target] of each sample: {@link crossEntropy} as a layer, with the options `reduction`,
 * `weight`, `ignoreIndex` and `labelSmoothing`. Output [samples, classes, …]; target int32 [samples, …], or
 * probabilities of the shape of the output.
 */
export class CrossEntropyLoss implements Loss {
  readonly options: Fixed<CrossEntropyOptions>;

  constructor(options: Fixed<CrossEntropyOptions> = {}) {
    checkEntropy('nn.CrossEntropyLoss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return crossEntropy(output, target, beside(this.options, sampleWeight));
  }
}

/**
 * −output[target] of each sample: {@link nllLoss} as a layer, with the options `reduction`, `weight` and
 * `ignoreIndex`. Output: logarithms of probabilities [samples, classes, …]; target int32 [samples, …].
 */
export class NLLLoss implements Loss {
  readonly options: Fixed<NLLOptions>;

  constructor(options: Fixed<NLLOptions> = {}) {
    checkNll('nn.NLLLoss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return nllLoss(output, target, beside(this.options, sampleWeight));
  }
}

/** (output − target)² of each element: {@link mseLoss} as a layer, with the option `reduction`. */
export class MSELoss implements Loss {
  readonly options: Fixed<LossOptions>;

  constructor(options: Fixed<LossOptions> = {}) {
    checkLoss('nn.MSELoss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return mseLoss(output, target, beside(this.options, sampleWeight));
  }
}

/** |output − target| of each element: {@link l1Loss} as a layer, with the option `reduction`. */
export class L1Loss implements Loss {
  readonly options: Fixed<LossOptions>;

  constructor(options: Fixed<LossOptions> = {}) {
    checkLoss('nn.L1Loss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return l1Loss(output, target, beside(this.options, sampleWeight));
  }
}

/** |output − target|, a parabola below `beta` (1): {@link smoothL1Loss} as a layer, with `reduction` too. */
export class SmoothL1Loss implements Loss {
  readonly options: Fixed<SmoothL1Options>;

  constructor(options: Fixed<SmoothL1Options> = {}) {
    checkSmoothL1('nn.SmoothL1Loss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return smoothL1Loss(output, target, beside(this.options, sampleWeight));
  }
}

/** (output − target)²/2, linear from `delta` (1) on: {@link huberLoss} as a layer, with `reduction` too. */
export class HuberLoss implements Loss {
  readonly options: Fixed<HuberOptions>;

  constructor(options: Fixed<HuberOptions> = {}) {
    checkHuber('nn.HuberLoss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return huberLoss(output, target, beside(this.options, sampleWeight));
  }
}

/**
 * −ln(output)·target − ln(1 − output)·(1 − target): {@link binaryCrossEntropy} as a layer, with the options
 * `reduction` and `weight`. Output and target of one shape, the output in [0, 1].
 */
export class BCELoss implements Loss {
  readonly options: Fixed<BCEOptions>;

  constructor(options: Fixed<BCEOptions> = {}) {
    checkLoss('nn.BCELoss', options, bceKeys);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return binaryCrossEntropy(output, target, beside(this.options, sampleWeight));
  }
}

/**
 * −ln σ(output)·target − ln(1 − σ(output))·(1 − target): {@link binaryCrossEntropyWithLogits} as a layer, with
 * the options `reduction`, `weight` and `posWeight`. The target has the shape of the output, and is 0, 1, or a
 * probability.
 */
export class BCEWithLogitsLoss implements Loss {
  readonly options: Fixed<BCEWithLogitsOptions>;

  constructor(options: Fixed<BCEWithLogitsOptions> = {}) {
    checkLoss('nn.BCEWithLogitsLoss', options, logitsKeys);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(output, target, beside(this.options, sampleWeight));
  }
}

/**
 * target·(ln target − output) of each element: {@link klDiv} as a layer, with the options `reduction`
 * (`batchmean` too) and `logTarget`. Output: logarithms of probabilities.
 */
export class KLDivLoss implements Loss {
  readonly options: Fixed<KLDivOptions>;

  constructor(options: Fixed<KLDivOptions> = {}) {
    checkKLDiv('nn.KLDivLoss', options);
    this.options = { ...options };
  }

  forward(output: Tensor, target: Tensor, sampleWeight?: Tensor): Tensor {
    return klDiv(output, target, beside(this.options, sampleWeight));
  }
}
