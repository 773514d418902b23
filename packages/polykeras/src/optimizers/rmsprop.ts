import { type Tensor, K } from "@polykeras/core";
import { meanSquare, rmspropStep } from "@polykeras/core/internal";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import { fused } from "./fused.ts";
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
    const { rho, momentum, epsilon } = this;
    const velocity = fused(meanSquare, slots[0]!, gradient, rho, 1 - rho);
    const average = this.centered
      ? slots
          .at(-1)!
          .multiply(rho)
          .add(gradient.multiply(1 - rho))
      : null;
    const spread = average ? velocity.subtract(K.square(average)) : velocity;
    const next = average ? [average] : [];
    if (momentum === 0) {
      const value = fused(rmspropStep, weight, gradient, learningRate, spread, epsilon);
      return { value, slots: [velocity, ...next] };
    }
    const step = gradient.multiply(learningRate).divide(root(spread.add(epsilon)));
    const moved = slots[1]!.multiply(momentum).add(step);
    return { value: weight.subtract(moved), slots: [velocity, moved, ...next] };
  }
}

/** `RMSprop({ rho: 0.9 })`. Source: Keras 2.15 `optimizers.RMSprop`. */
export const RMSprop: Factory<typeof RMSpropOptimizer> = withoutNew(RMSpropOptimizer);
