import { ArgumentError } from "@polykeras/core";
import { isBranded } from "@polykeras/core/internal";
import { Adadelta, Adagrad } from "./adagrad.ts";
import { Adam } from "./adam.ts";
import { Adamax, Nadam } from "./adamax.ts";
import type { Optimizer } from "./optimizer.ts";
import { RMSprop } from "./rmsprop.ts";
import { SGD } from "./sgd.ts";

export { Adadelta, Adagrad } from "./adagrad.ts";
export type { AdadeltaOptions, AdagradOptions } from "./adagrad.ts";
export { Adam, AdamW } from "./adam.ts";
export type { AdamOptions } from "./adam.ts";
export { Adamax, Nadam } from "./adamax.ts";
export type { AdamaxOptions } from "./adamax.ts";
export * as schedules from "./schedules.ts";
export { Optimizer } from "./optimizer.ts";
export type { OptimizerOptions, StepState, VariableStep } from "./optimizer.ts";
export { RMSprop } from "./rmsprop.ts";
export type { RMSpropOptions } from "./rmsprop.ts";
export { SGD } from "./sgd.ts";
export type { SGDOptions } from "./sgd.ts";

type Key = "sgd" | "rmsprop" | "adam" | "adagrad" | "adadelta" | "adamax" | "nadam";
const table: Readonly<Record<Key, () => Optimizer>> = {
  sgd: () => SGD(),
  rmsprop: () => RMSprop(),
  adam: () => Adam(),
  adagrad: () => Adagrad(),
  adadelta: () => Adadelta(),
  adamax: () => Adamax(),
  nadam: () => Nadam(),
};

/** Keras takes these names in any case. */
export type OptimizerName = Key | Capitalize<Exclude<Key, "sgd" | "rmsprop">> | "SGD" | "RMSprop";

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
