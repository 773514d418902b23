import { type Shape, type Tensor, K, ShapeError, formatShape } from "@polykeras/core";
import { type Activation, type ActivationName, get as activationOf } from "../activations/index.ts";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkInteger } from "../base/check.ts";
import type { Constraint, ConstraintName } from "../constraints/index.ts";
import type { Initializer, InitializerName } from "../initializers/index.ts";
import type { Regularizer, RegularizerName } from "../regularizers/index.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import type { Weight } from "./weight.ts";

export interface DenseOptions extends LayerOptions {
  readonly activation?: ActivationName | Activation | null;
  /** True by default. */
  readonly useBias?: boolean;
  /** glorotUniform by default. */
  readonly kernelInitializer?: InitializerName | Initializer;
  /** zeros by default. */
  readonly biasInitializer?: InitializerName | Initializer;
  readonly kernelRegularizer?: RegularizerName | Regularizer | null;
  readonly biasRegularizer?: RegularizerName | Regularizer | null;
  readonly kernelConstraint?: ConstraintName | Constraint | null;
  readonly biasConstraint?: ConstraintName | Constraint | null;
}

/** activation(x kernel + bias) over the last axis: (..., inputs) to (..., units). Source: Keras `layers.Dense`. */
export class DenseLayer extends Layer {
  readonly units: number;
  readonly activation: Activation;
  kernel: Weight | null = null;
  bias: Weight | null = null;
  readonly #options: DenseOptions;

  constructor(units: number, options: DenseOptions = {}) {
    super(options);
    this.units = checkInteger(`Dense '${this.name}': units`, units, 1);
    this.activation = activationOf(options.activation);
    this.#options = options;
  }

  override get className(): string {
    return "Dense";
  }

  override build(inputShape: Shape): void {
    const width = inputShape.at(-1);
    if (inputShape.length < 2 || typeof width !== "number")
      throw new ShapeError(
        `Dense '${this.name}' takes (batch, ..., features) with a known number of features; got ` +
          `${formatShape(inputShape)}. Give inputDim to the first layer, or use Flatten or Reshape before it.`,
      );
    const { kernelInitializer = "glorotUniform", biasInitializer = "zeros", useBias = true } = this.#options;
    const { kernelRegularizer = null, biasRegularizer = null } = this.#options;
    const { kernelConstraint = null, biasConstraint = null } = this.#options;
    this.kernel = this.addWeight("kernel", [width, this.units], {
      initializer: kernelInitializer,
      regularizer: kernelRegularizer,
      constraint: kernelConstraint,
    });
    if (useBias)
      this.bias = this.addWeight("bias", [this.units], {
        initializer: biasInitializer,
        regularizer: biasRegularizer,
        constraint: biasConstraint,
      });
  }

  override call(x: Tensor): Tensor {
    const kernel = this.kernel!;
    const width = x.shape.at(-1);
    if (x.ndim < 2 || (typeof width === "number" && width !== kernel.shape[0]))
      throw new ShapeError(
        `Dense '${this.name}' was built for inputs of ${kernel.shape[0]} features; it was called on ` +
          `${formatShape(x.shape)}. Use another Dense for them, or reshape the input.`,
      );
    const product = this.#product(x, kernel);
    return this.activation(
      this.bias ? K.biasAdd(product, this.bias, { dataFormat: "channels_last" }) : product,
    );
  }

  /** As K.dot, which forgets known sizes between the first axis and the last. */
  #product(x: Tensor, kernel: Weight): Tensor {
    const between = x.shape.slice(1, -1).filter((dim) => dim !== null);
    if (x.ndim === 2 || between.length < x.ndim - 2) return K.dot(x, kernel);
    return K.reshape(K.dot(K.reshape(x, [-1, kernel.shape[0]!]), kernel), [-1, ...between, this.units]);
  }
}

/** A fully connected layer: `Dense(64, { activation: 'relu' })`. Source: Keras `layers.Dense`. */
export const Dense: Factory<typeof DenseLayer> = withoutNew(DenseLayer);
