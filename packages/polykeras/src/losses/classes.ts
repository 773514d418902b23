import { type Factory, withoutNew } from "../base/callable.ts";
import {
  type CrossentropyOptions,
  binaryCrossentropy,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from "./functions.ts";
import { type LossOptions, LossFunctionWrapper } from "./loss.ts";

type Options = LossOptions & CrossentropyOptions;
type Of<O> = Factory<new (options?: O) => LossFunctionWrapper>;

class MeanSquaredErrorLoss extends LossFunctionWrapper {
  constructor(options: LossOptions = {}) {
    super(meanSquaredError, { name: "mean_squared_error", ...options });
  }
}
/** Source: Keras `losses.MeanSquaredError`. */
export const MeanSquaredError: Of<LossOptions> = withoutNew(MeanSquaredErrorLoss);

class MeanAbsoluteErrorLoss extends LossFunctionWrapper {
  constructor(options: LossOptions = {}) {
    super(meanAbsoluteError, { name: "mean_absolute_error", ...options });
  }
}
/** Source: Keras `losses.MeanAbsoluteError`. */
export const MeanAbsoluteError: Of<LossOptions> = withoutNew(MeanAbsoluteErrorLoss);

class BinaryCrossentropyLoss extends LossFunctionWrapper {
  constructor(options: Options = {}) {
    super((t, p) => binaryCrossentropy(t, p, options), { name: "binary_crossentropy", ...options });
  }
}
/** Source: Keras `losses.BinaryCrossentropy`. */
export const BinaryCrossentropy: Of<Options> = withoutNew(BinaryCrossentropyLoss);

class CategoricalCrossentropyLoss extends LossFunctionWrapper {
  constructor(options: Options & { readonly axis?: number } = {}) {
    super((t, p) => categoricalCrossentropy(t, p, options), { name: "categorical_crossentropy", ...options });
  }
}
/** Source: Keras `losses.CategoricalCrossentropy`. */
export const CategoricalCrossentropy: Of<Options & { readonly axis?: number }> =
  withoutNew(CategoricalCrossentropyLoss);

interface SparseOptions extends LossOptions {
  readonly fromLogits?: boolean;
  readonly ignoreClass?: number;
}

class SparseCategoricalCrossentropyLoss extends LossFunctionWrapper {
  constructor(options: SparseOptions = {}) {
    super((t, p) => sparseCategoricalCrossentropy(t, p, options), {
      name: "sparse_categorical_crossentropy",
      ...options,
      sparse: true,
    });
  }
}
/** Source: Keras `losses.SparseCategoricalCrossentropy`. */
export const SparseCategoricalCrossentropy: Of<SparseOptions> = withoutNew(SparseCategoricalCrossentropyLoss);
