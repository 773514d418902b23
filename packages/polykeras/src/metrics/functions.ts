import { type Tensor, K } from "@polykeras/core";

/** A boolean tensor as numbers of floatx. */
function hits(match: Tensor): Tensor {
  return K.cast(match, K.floatx());
}

/** The share of elements on the right side of the threshold, over the last axis. Source: Keras `metrics.binary_accuracy`. */
export function binaryAccuracy(
  yTrue: Tensor,
  yPred: Tensor,
  options: { readonly threshold?: number } = {},
): Tensor {
  const predicted = K.cast(K.greater(yPred, options.threshold ?? 0.5), yPred.dtype);
  return K.mean(hits(K.equal(K.cast(yTrue, yPred.dtype), predicted)), { axis: -1 });
}

/** 1 where the largest element is at the place of the 1. Source: Keras `metrics.categorical_accuracy`. */
export function categoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  return hits(K.equal(K.argmax(yTrue), K.argmax(yPred)));
}

/** 1 where the largest element is at the index. Source: Keras `metrics.sparse_categorical_accuracy`. */
export function sparseCategoricalAccuracy(yTrue: Tensor, yPred: Tensor): Tensor {
  const unit = yTrue.ndim === yPred.ndim && yTrue.shape.at(-1) === 1;
  const indices = K.cast(unit ? K.squeeze(yTrue, -1) : yTrue, "int32");
  return hits(K.equal(indices, K.cast(K.argmax(yPred), "int32")));
}
