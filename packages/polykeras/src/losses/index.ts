import { ArgumentError } from "@polykeras/core";
import { isBranded } from "@polykeras/core/internal";
import { type NameOf, lookUp } from "../base/names.ts";
import { type SharedName, sharedFunctions, sparseCategoricalCrossentropy } from "./functions.ts";
import { type Loss, type LossFunction, LossFunctionWrapper } from "./loss.ts";

export {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  MeanAbsoluteError,
  MeanSquaredError,
  SparseCategoricalCrossentropy,
} from "./classes.ts";
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from "./functions.ts";
export { Loss } from "./loss.ts";
export type { LossFunction, LossOptions, Reduction } from "./loss.ts";

export type LossName = NameOf<SharedName> | "MSE" | "MAE";

/** The loss of a name, a function or an instance. Source: Keras `losses.get`. */
export function get(of: LossName | LossFunction | Loss): Loss {
  if (isBranded<Loss>(of, "Loss")) return of;
  const body =
    typeof of === "string"
      ? lookUp<LossFunction>("loss", sharedFunctions, of === "MSE" || of === "MAE" ? of.toLowerCase() : of)
      : of;
  if (typeof body === "function")
    return new LossFunctionWrapper(body, { sparse: body === sparseCategoricalCrossentropy });
  throw new ArgumentError(
    `A loss is a name, such as 'binaryCrossentropy', a function (yTrue, yPred) or a Loss; got ${String(of)}.`,
  );
}
