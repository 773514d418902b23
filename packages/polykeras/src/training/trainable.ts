import type { Tensor } from "@polykeras/core";
import type { CallContext } from "../layers/context.ts";
import type { Layer } from "../layers/layer.ts";
import type { Weight } from "../layers/weight.ts";

/** What training needs of a model. */
export interface Trainable {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly layers: readonly Layer[];
  readonly trainableWeights: readonly Weight[];
  readonly weights: readonly Weight[];
  /** The outputs for other inputs. */
  run(feeds: readonly Tensor[], context: CallContext): readonly Tensor[];
}
