import type { Tensor } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { Layer, type LayerInputs, type LayerOptions, type LayerOutputs } from "./layer.ts";

/** A function of tensors as a layer without weights. Source: Keras `layers.Lambda`. */
export class LambdaLayer extends Layer {
  readonly #body: (inputs: never) => LayerOutputs;

  constructor(
    body: ((x: Tensor) => LayerOutputs) | ((list: readonly Tensor[]) => LayerOutputs),
    options: LayerOptions = {},
  ) {
    super(options);
    this.#body = body;
  }

  override get className(): string {
    return "Lambda";
  }

  override call(inputs: LayerInputs): LayerOutputs {
    // One tensor or a list: what the user's function takes is what the user calls the layer on.
    return Reflect.apply(this.#body, undefined, [inputs]);
  }
}

/** `Lambda((x) => K.abs(x))`. Source: Keras `layers.Lambda`. */
export const Lambda: Factory<typeof LambdaLayer> = withoutNew(LambdaLayer);
