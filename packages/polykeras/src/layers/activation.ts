import type { Tensor } from "@polykeras/core";
import { type Activation as Fn, type ActivationName, get as activationOf } from "../activations/index.ts";
import { type Factory, withoutNew } from "../base/callable.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** An activation as a layer of its own; any shape. Source: Keras `layers.Activation`. */
export class ActivationLayer extends Layer {
  readonly activation: Fn;

  constructor(activation: ActivationName | Fn, options: LayerOptions = {}) {
    super(options);
    this.activation = activationOf(activation);
  }

  override get className(): string {
    return "Activation";
  }

  override call(x: Tensor): Tensor {
    return this.activation(x);
  }
}

/** `Activation('relu')`. Source: Keras `layers.Activation`. */
export const Activation: Factory<typeof ActivationLayer> = withoutNew(ActivationLayer);
