import { type Shape, ArgumentError } from "@polykeras/core";
import { isBranded } from "@polykeras/core/internal";
import { type NameOf, lookUp } from "../base/names.ts";
import {
  type SharedName,
  binaryCrossentropy,
  categoricalCrossentropy,
  sharedFunctions,
  sparseCategoricalCrossentropy,
} from "../losses/functions.ts";
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from "./functions.ts";
import { type Metric, type MetricFunction, MeanMetricWrapper } from "./metric.ts";

export {
  BinaryAccuracy,
  CategoricalAccuracy,
  Mean,
  MeanAbsoluteError,
  MeanSquaredError,
  SparseCategoricalAccuracy,
} from "./classes.ts";
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from "../losses/functions.ts";
export { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from "./functions.ts";
export { Metric } from "./metric.ts";
export type { MetricFunction } from "./metric.ts";

type Key = "binaryAccuracy" | "categoricalAccuracy" | "sparseCategoricalAccuracy" | SharedName;
const table: Readonly<Record<Key, MetricFunction>> = {
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  ...sharedFunctions,
};

type Kind = "binary" | "sparse" | "categorical";
const accuracy: Readonly<Record<Kind, MetricFunction>> = {
  binary: binaryAccuracy,
  sparse: sparseCategoricalAccuracy,
  categorical: categoricalAccuracy,
};
const crossentropy: Readonly<Record<Kind, MetricFunction>> = {
  binary: binaryCrossentropy,
  sparse: sparseCategoricalCrossentropy,
  categorical: categoricalCrossentropy,
};
const byShape: Readonly<Record<string, Readonly<Record<Kind, MetricFunction>>>> = {
  accuracy,
  acc: accuracy,
  crossentropy,
  ce: crossentropy,
};

export type MetricName = NameOf<Key> | "accuracy" | "acc" | "crossentropy" | "ce";

/** What compile takes as a metric. */
export type MetricLike = MetricName | MetricFunction | Metric;

/**
 * The metric of a name, a function or an instance. 'accuracy' and 'crossentropy' choose by shape: binary for one
 * output column; sparse if the targets have fewer axes or a last one of 1; else categorical. Source: Keras 2.15
 * `compile_utils.MetricsContainer`.
 */
export function get(of: MetricLike, yTrue: Shape, yPred: Shape): Metric {
  if (isBranded<Metric>(of, "Metric")) return of;
  if (typeof of === "function") return new MeanMetricWrapper(of);
  if (typeof of !== "string")
    throw new ArgumentError(
      `A metric is a name, such as 'accuracy', a function (yTrue, yPred) or a Metric; got ${String(of)}.`,
    );
  const choice = Object.hasOwn(byShape, of) ? byShape[of] : undefined;
  const body = choice
    ? choice[kindOf(yTrue, yPred)]
    : lookUp<MetricFunction>("metric", { accuracy: binaryAccuracy, ...table }, of);
  return new MeanMetricWrapper(body, { name: of });
}

function kindOf(yTrue: Shape, yPred: Shape): Kind {
  if (yPred.at(-1) === 1) return "binary";
  return yTrue.length < yPred.length || yTrue.at(-1) === 1 ? "sparse" : "categorical";
}
