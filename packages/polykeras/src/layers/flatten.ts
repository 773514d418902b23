import { type Tensor, K } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** (batch, ...) to (batch, product of the rest); (batch,) to (batch, 1). Source: Keras `layers.Flatten`. */
export class FlattenLayer extends Layer {
  constructor(options: LayerOptions = {}) {
    super(options);
  }

  override get className(): string {
    return "Flatten";
  }

  override call(x: Tensor): Tensor {
    if (x.ndim === 1) return K.expandDims(x);
    return K.batchFlatten(x);
  }
}

/** `Flatten()`. Source: Keras `layers.Flatten`. */
export const Flatten: Factory<typeof FlattenLayer> = withoutNew(FlattenLayer);
