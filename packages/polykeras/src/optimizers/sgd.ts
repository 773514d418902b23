import type { Tensor } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import { type OptimizerOptions, type StepState, type VariableStep, Optimizer } from "./optimizer.ts";

export interface SGDOptions extends OptimizerOptions {
  /** 0 by default. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/** Gradient descent: m = momentum m - lr g; w += m, or w += momentum m - lr g. Source: Keras 2.15 `SGD`. */
export class SGDOptimizer extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super("SGD", 0.01, options);
    this.momentum = checkNumber("SGD: momentum", options.momentum ?? 0, 0, 1);
    this.nesterov = options.nesterov ?? false;
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    return this.momentum === 0 ? [] : [["m", 0]];
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [m]: readonly Tensor[],
    { learningRate }: StepState,
  ): VariableStep {
    const move = gradient.multiply(learningRate);
    if (!m) return { value: weight.subtract(move), slots: [] };
    const next = m.multiply(this.momentum).subtract(move);
    const step = this.nesterov ? next.multiply(this.momentum).subtract(move) : next;
    return { value: weight.add(step), slots: [next] };
  }
}

/** `SGD({ learningRate: 0.01 })`. Source: Keras 2.15 `optimizers.SGD`. */
export const SGD: Factory<typeof SGDOptimizer> = withoutNew(SGDOptimizer);
