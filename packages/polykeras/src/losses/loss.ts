import { type Tensor, ArgumentError, K, formatShape } from "@polykeras/core";
import { stamp } from "@polykeras/core/internal";

/** Losses per sample from targets and predictions. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

export type Reduction = "sumOverBatchSize" | "sum" | "none";

export interface LossOptions {
  readonly name?: string;
  /** How the losses of a batch become one number; the mean by default. */
  readonly reduction?: Reduction;
}

/** A loss with its options. Subclasses override `call`. Source: Keras `losses.Loss`. */
export abstract class Loss {
  readonly name: string;
  readonly reduction: Reduction;
  /** Targets are class indices: whole numbers below the size of the last axis. */
  readonly sparse: boolean = false;

  constructor(options: LossOptions = {}) {
    this.name = options.name ?? "loss";
    this.reduction = options.reduction ?? "sumOverBatchSize";
  }

  /** One loss per sample: (batch, ...) without the last axis of the predictions. */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  /** The loss of a batch: sum(w l) / n, or the sum. */
  reduce(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | null = null): Tensor {
    const losses = this.call(yTrue, yPred);
    const weighted = sampleWeight ? weigh(losses, sampleWeight) : losses;
    return this.reduction === "sum" ? K.sum(weighted) : K.mean(weighted);
  }
}
stamp(Loss, "Loss");

/** values times weights, which may have fewer axes. */
export function weigh(values: Tensor, weights: Tensor): Tensor {
  let spread = weights.dtype === values.dtype ? weights : K.cast(weights, values.dtype);
  if (spread.ndim > values.ndim && spread.shape.at(-1) === 1) spread = K.squeeze(spread, -1);
  if (spread.ndim > values.ndim)
    throw new ArgumentError(
      `sampleWeight of shape ${formatShape(weights.shape)} has more axes than the losses ${formatShape(values.shape)}.`,
    );
  while (spread.ndim < values.ndim) spread = K.expandDims(spread);
  return values.multiply(spread);
}

/** A function of targets and predictions as a Loss. */
export class LossFunctionWrapper extends Loss {
  readonly #body: LossFunction;
  override readonly sparse: boolean;

  constructor(body: LossFunction, options: LossOptions & { readonly sparse?: boolean } = {}) {
    super({ name: body.name || "loss", ...options });
    this.#body = body;
    this.sparse = options.sparse ?? false;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#body(yTrue, yPred);
  }
}
