import type { Tensor } from '../tensor/tensor.ts';
import { binaryCrossEntropyWithLogits, crossEntropy, mseLoss } from './functional.ts';

/** A data loss: a scalar of what a model gave and what was true. */
export interface Loss {
  /** The loss, a scalar tensor: the mean over samples. */
  forward(output: Tensor, target: Tensor): Tensor;
}

/** The mean over samples of −ln softmax(output)[target]; output [samples, classes], target int32 [samples]. */
export class CrossEntropyLoss implements Loss {
  forward(output: Tensor, target: Tensor): Tensor {
    return crossEntropy(output, target);
  }
}

/** The mean over all elements of (output − target)². */
export class MSELoss implements Loss {
  forward(output: Tensor, target: Tensor): Tensor {
    return mseLoss(output, target);
  }
}

/**
 * The mean over all elements of −ln σ(output)·target − ln(1 − σ(output))·(1 − target); the target has the
 * shape of the output, and is 0, 1, or a probability.
 */
export class BCEWithLogitsLoss implements Loss {
  forward(output: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(output, target);
  }
}
