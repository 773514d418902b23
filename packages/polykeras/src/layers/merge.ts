import { type Tensor, ArgumentError, K } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { Layer, type LayerInputs, type LayerOptions } from "./layer.ts";

/** The list a merging layer was called on. Throws ArgumentError for a single tensor. */
function listOf(layer: Layer, inputs: LayerInputs): readonly Tensor[] {
  if (Array.isArray(inputs) && inputs.length >= 2) return inputs;
  throw new ArgumentError(
    `A merge layer should be called on a list of at least 2 inputs; ${layer.className} '${layer.name}' got one. ` +
      `Call it as ${layer.className}()([a, b]).`,
  );
}

/** The elementwise sum of tensors. Source: Keras `layers.Add`. */
export class AddLayer extends Layer {
  override get className(): string {
    return "Add";
  }

  override call(inputs: LayerInputs): Tensor {
    return listOf(this, inputs).reduce((sum, of) => sum.add(of));
  }
}

/** `Add()([a, b])`. Source: Keras `layers.Add`. */
export const Add: Factory<new (options?: LayerOptions) => AddLayer> = withoutNew(AddLayer);

/** Tensors one after the other along an axis, the last by default. Source: Keras `layers.Concatenate`. */
export class ConcatenateLayer extends Layer {
  readonly axis: number;

  constructor(options: LayerOptions & { readonly axis?: number } = {}) {
    super(options);
    this.axis = options.axis ?? -1;
  }

  override get className(): string {
    return "Concatenate";
  }

  override call(inputs: LayerInputs): Tensor {
    return K.concatenate(listOf(this, inputs), { axis: this.axis });
  }
}

/** `Concatenate()([a, b])`. Source: Keras `layers.Concatenate`. */
export const Concatenate: Factory<typeof ConcatenateLayer> = withoutNew(ConcatenateLayer);
