import { ArgumentError } from "@polykeras/core";
import { isBranded } from "@polykeras/core/internal";
import { Adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { RMSprop } from "./rmsprop.ts";
import { SGD } from "./sgd.ts";

export { Adam, AdamW } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { LearningRateSchedule } from "./learning-rate.ts";
export { Optimizer } from "./optimizer.ts";
export type { OptimizerOptions, StepState, VariableStep } from "./optimizer.ts";
export { RMSprop } from "./rmsprop.ts";
export type { RMSpropOptions } from "./rmsprop.ts";
export { SGD } from "./sgd.ts";
export type { SGDOptions } from "./sgd.ts";

type Key = "sgd" | "rmsprop" | "adam";
const table: Readonly<Record<Key, () => Optimizer>> = {
  sgd: () => SGD(),
  rmsprop: () => RMSprop(),
  adam: () => Adam(),
};

/** Keras takes these names in any case. */
export type OptimizerName = Key | "SGD" | "RMSprop" | "Adam";

/** The optimizer of a name with its defaults, or the instance. Source: Keras `optimizers.get`. */
export function get(of: OptimizerName | Optimizer): Optimizer {
  if (isBranded<Optimizer>(of, "Optimizer")) return of;
  const key = typeof of === "string" ? of.toLowerCase() : "";
  const make = Object.entries(table).find(([name]) => name === key)?.[1];
  if (make) return make();
  throw new ArgumentError(
    `Unknown optimizer: ${typeof of === "string" ? `'${of}'` : String(of)}. Use one of ${Object.keys(table).join(", ")}, ` +
      `or an instance, such as optimizers.SGD({ learningRate: 0.01 }).`,
  );
}
