import { type Tensor, K } from "@polykeras/core";

/** Targets in the predictions' dtype. */
function like(yTrue: Tensor, yPred: Tensor): Tensor {
  return yTrue.dtype === yPred.dtype ? yTrue : K.cast(yTrue, yPred.dtype);
}

/** The mean of (yTrue - yPred)² over the last axis. Source: Keras `losses.mean_squared_error`. */
export function meanSquaredError(yTrue: Tensor, yPred: Tensor): Tensor {
  return K.mean(K.square(yPred.subtract(like(yTrue, yPred))), { axis: -1 });
}

/** The mean of |yTrue - yPred| over the last axis. Source: Keras `losses.mean_absolute_error`. */
export function meanAbsoluteError(yTrue: Tensor, yPred: Tensor): Tensor {
  return K.mean(K.abs(yPred.subtract(like(yTrue, yPred))), { axis: -1 });
}

export interface CrossentropyOptions {
  /** Predictions are logits, not probabilities. */
  readonly fromLogits?: boolean;
  /** Moves targets towards the uniform distribution by this fraction. */
  readonly labelSmoothing?: number;
}

/** Crossentropy of probabilities, the mean over the last axis. Source: Keras `losses.binary_crossentropy`. */
export function binaryCrossentropy(yTrue: Tensor, yPred: Tensor, options: CrossentropyOptions = {}): Tensor {
  const { fromLogits = false, labelSmoothing = 0 } = options;
  const labels = like(yTrue, yPred);
  const smooth =
    labelSmoothing === 0 ? labels : labels.multiply(1 - labelSmoothing).add(0.5 * labelSmoothing);
  return K.mean(K.binaryCrossentropy(smooth, yPred, { fromLogits }), { axis: -1 });
}

/** Crossentropy of one-hot targets. Source: Keras `losses.categorical_crossentropy`. */
export function categoricalCrossentropy(
  yTrue: Tensor,
  yPred: Tensor,
  options: CrossentropyOptions & { readonly axis?: number } = {},
): Tensor {
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options;
  const labels = like(yTrue, yPred);
  const classes = yPred.shape.at(axis) ?? 1;
  const smooth =
    labelSmoothing === 0 ? labels : labels.multiply(1 - labelSmoothing).add(labelSmoothing / classes);
  return K.categoricalCrossentropy(smooth, yPred, { fromLogits, axis });
}

/** Crossentropy of class indices. Source: Keras `losses.sparse_categorical_crossentropy`. */
export function sparseCategoricalCrossentropy(
  yTrue: Tensor,
  yPred: Tensor,
  options: { readonly fromLogits?: boolean; readonly axis?: number; readonly ignoreClass?: number } = {},
): Tensor {
  return K.sparseCategoricalCrossentropy(yTrue, yPred, options);
}

/** The functions that serve as losses and as metrics, under all their names. */
export type SharedName =
  | "meanSquaredError"
  | "mse"
  | "meanAbsoluteError"
  | "mae"
  | "binaryCrossentropy"
  | "categoricalCrossentropy"
  | "sparseCategoricalCrossentropy";

export const sharedFunctions: Readonly<Record<SharedName, (yTrue: Tensor, yPred: Tensor) => Tensor>> = {
  meanSquaredError,
  mse: meanSquaredError,
  meanAbsoluteError,
  mae: meanAbsoluteError,
  binaryCrossentropy,
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
};
