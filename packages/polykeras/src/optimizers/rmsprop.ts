import { type Tensor, K } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import { type OptimizerOptions, type StepState, type VariableStep, Optimizer } from "./optimizer.ts";
import { root } from "./root.ts";

export interface RMSpropOptions extends OptimizerOptions {
  /** The decay of the mean of squares, 0.9 by default. */
  readonly rho?: number;
  readonly momentum?: number;
  /** 1e-7 by default. */
  readonly epsilon?: number;
  /** Divide by the variance instead of the mean of squares. */
  readonly centered?: boolean;
}

/**
 * a = rho a + (1 - rho) g²; w -= lr g / sqrt(a + eps), with the mean of g taken out of a when centered.
 * Tieleman and Hinton, 2012. Source: Keras 2.15 `RMSprop`.
 */
export class RMSpropOptimizer extends Optimizer {
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super("RMSprop", 0.001, options);
    this.rho = checkNumber("RMSprop: rho", options.rho ?? 0.9, 0, 1);
    this.momentum = checkNumber("RMSprop: momentum", options.momentum ?? 0, 0, 1);
    this.epsilon = checkNumber("RMSprop: epsilon", options.epsilon ?? 1e-7, 0);
    this.centered = options.centered ?? false;
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    const names: [string, number][] = [["velocity", 0]];
    if (this.momentum > 0) names.push(["momentum", 0]);
    if (this.centered) names.push(["average_gradient", 0]);
    return names;
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    { learningRate }: StepState,
  ): VariableStep {
    const decayed = (mean: Tensor, of: Tensor): Tensor =>
      mean.multiply(this.rho).add(of.multiply(1 - this.rho));
    const velocity = decayed(slots[0]!, K.square(gradient));
    const average = this.centered ? decayed(slots.at(-1)!, gradient) : null;
    const spread = average ? velocity.subtract(K.square(average)) : velocity;
    const step = gradient.multiply(learningRate).divide(root(spread.add(this.epsilon)));
    const moved = this.momentum > 0 ? slots[1]!.multiply(this.momentum).add(step) : null;
    const next = [velocity, ...(moved ? [moved] : []), ...(average ? [average] : [])];
    return { value: weight.subtract(moved ?? step), slots: next };
  }
}

/** `RMSprop({ rho: 0.9 })`. Source: Keras 2.15 `optimizers.RMSprop`. */
export const RMSprop: Factory<typeof RMSpropOptimizer> = withoutNew(RMSpropOptimizer);
