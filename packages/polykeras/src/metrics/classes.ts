import { type Factory, withoutNew } from "../base/callable.ts";
import { meanAbsoluteError, meanSquaredError } from "../losses/functions.ts";
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from "./functions.ts";
import { MeanMetric, MeanMetricWrapper } from "./metric.ts";

interface Named {
  readonly name?: string;
}
type Of<O extends Named = Named> = Factory<new (options?: O) => MeanMetricWrapper>;

/** The mean of values. Source: Keras `metrics.Mean`. */
export const Mean: Factory<typeof MeanMetric> = withoutNew(MeanMetric);

class BinaryAccuracyMetric extends MeanMetricWrapper {
  constructor(options: Named & { readonly threshold?: number } = {}) {
    super((t, p) => binaryAccuracy(t, p, options), { name: options.name ?? "binary_accuracy" });
  }
}
/** Source: Keras `metrics.BinaryAccuracy`. */
export const BinaryAccuracy: Of<Named & { readonly threshold?: number }> = withoutNew(BinaryAccuracyMetric);

class CategoricalAccuracyMetric extends MeanMetricWrapper {
  constructor(options: Named = {}) {
    super(categoricalAccuracy, { name: "categorical_accuracy", ...options });
  }
}
/** Source: Keras `metrics.CategoricalAccuracy`. */
export const CategoricalAccuracy: Of = withoutNew(CategoricalAccuracyMetric);

class SparseCategoricalAccuracyMetric extends MeanMetricWrapper {
  constructor(options: Named = {}) {
    super(sparseCategoricalAccuracy, { name: "sparse_categorical_accuracy", ...options });
  }
}
/** Source: Keras `metrics.SparseCategoricalAccuracy`. */
export const SparseCategoricalAccuracy: Of = withoutNew(SparseCategoricalAccuracyMetric);

class MeanSquaredErrorMetric extends MeanMetricWrapper {
  constructor(options: Named = {}) {
    super(meanSquaredError, { name: "mean_squared_error", ...options });
  }
}
/** Source: Keras `metrics.MeanSquaredError`. */
export const MeanSquaredError: Of = withoutNew(MeanSquaredErrorMetric);

class MeanAbsoluteErrorMetric extends MeanMetricWrapper {
  constructor(options: Named = {}) {
    super(meanAbsoluteError, { name: "mean_absolute_error", ...options });
  }
}
/** Source: Keras `metrics.MeanAbsoluteError`. */
export const MeanAbsoluteError: Of = withoutNew(MeanAbsoluteErrorMetric);
