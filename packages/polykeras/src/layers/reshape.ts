import { type Tensor, ArgumentError, K } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** (batch, ...) to (batch, ...targetShape); one dimension may be -1. Source: Keras `layers.Reshape`. */
export class ReshapeLayer extends Layer {
  readonly targetShape: readonly number[];

  constructor(targetShape: readonly number[], options: LayerOptions = {}) {
    super(options);
    this.targetShape = targetShape;
  }

  override get className(): string {
    return "Reshape";
  }

  override call(x: Tensor): Tensor {
    const known = x.shape
      .slice(1)
      .reduce((a: number | null, b) => (a === null || b === null ? null : a * b), 1);
    const fixed = this.targetShape.reduce((a, b) => (b === -1 ? a : a * b), 1);
    const free = this.targetShape.indexOf(-1);
    if (free !== this.targetShape.lastIndexOf(-1) || (free >= 0 && known === null))
      throw new ArgumentError(
        `Reshape '${this.name}': targetShape [${this.targetShape.join(", ")}] must leave at most one dimension (-1) ` +
          `open, and none for inputs of unknown size.`,
      );
    if (known !== null && (free < 0 ? known !== fixed : known % fixed !== 0))
      throw new ArgumentError(
        `Reshape '${this.name}': total size of new array must be unchanged; inputs have ${known} elements a sample, ` +
          `targetShape [${this.targetShape.join(", ")}] asks for ${fixed}${free < 0 ? "" : " times a whole number"}.`,
      );
    const target = this.targetShape.map((dim) => (dim === -1 ? Number(known) / fixed : dim));
    return K.reshape(x, [-1, ...target]);
  }
}

/** `Reshape([8, 8])`. Source: Keras `layers.Reshape`. */
export const Reshape: Factory<typeof ReshapeLayer> = withoutNew(ReshapeLayer);
