import { type DType, type Shape, type Tensor, ArgumentError, K } from "@polykeras/core";
import { uniqueName } from "../base/names.ts";
import { record } from "./history.ts";
import { Layer, type LayerInputs } from "./layer.ts";

export interface InputOptions {
  /** The shape of one sample. */
  readonly shape?: Shape;
  /** As shape, with the batch axis. */
  readonly batchShape?: Shape;
  readonly name?: string;
  readonly dtype?: DType;
}

/** Where data enters a model. Made by `Input`, or by the first layer of a Sequential. */
export class InputLayer extends Layer {
  readonly placeholder: Tensor;

  constructor(batchShape: Shape, options: { readonly name?: string; readonly dtype?: DType } = {}) {
    super({ batchInputShape: batchShape, ...options, name: options.name ?? uniqueName("input", false) });
    this.placeholder = K.placeholder({ shape: batchShape, dtype: this.dtype, name: this.name });
    this.built = true;
    record({ layer: this, inputs: [], outputs: [this.placeholder], single: true, training: null });
  }

  override get className(): string {
    return "InputLayer";
  }

  override call(inputs: LayerInputs): Tensor {
    throw new ArgumentError(`InputLayer '${this.name}' is no function of ${String(inputs)}: it holds data.`);
  }
}

/**
 * The start of a functional model: a symbolic tensor (batch, ...shape). Source: Keras `Input`.
 * Throws ArgumentError without a shape.
 */
export function Input(options: InputOptions): Tensor {
  const { shape, batchShape, name, dtype } = options;
  const full = batchShape ?? (shape ? [null, ...shape] : null);
  if (!full) throw new ArgumentError("Input needs the shape of one sample: Input({ shape: [20] }).");
  return new InputLayer(full, { ...(name === undefined ? {} : { name }), ...(dtype ? { dtype } : {}) })
    .placeholder;
}
