/** Layers and losses as functions of tensors. */
import * as losses from '../tensor/ops/loss.ts';
import { linear as linearOperation } from '../tensor/ops/matmul.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';

/** x[n, in] · weight[out, in]ᵀ + bias[out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return apply(linearOperation, bias === undefined ? [x, weight] : [x, weight, bias]);
}

/** max(x, 0), elementwise. */
export function relu(x: Tensor): Tensor {
  return x.relu();
}

/**
 * The mean over samples of −ln softmax(`logits`)[target].
 *
 * @param logits [samples, classes].
 * @param target int32 [samples], each a class from 0.
 */
export function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return apply(losses.crossEntropy, [logits, target]);
}

/** The mean over all elements of (`input` − `target`)². */
export function mseLoss(input: Tensor, target: Tensor): Tensor {
  return apply(losses.meanSquaredError, [input, target]);
}
