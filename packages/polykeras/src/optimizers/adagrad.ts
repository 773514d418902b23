import { type Tensor, K } from "@polykeras/core";
import { meanSquare, rmspropStep } from "@polykeras/core/internal";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import { fused } from "./fused.ts";
import { type OptimizerOptions, type StepState, type VariableStep, Optimizer } from "./optimizer.ts";
import { root } from "./root.ts";

export interface AdagradOptions extends OptimizerOptions {
  /** Where the sums of squares start, 0.1 by default. */
  readonly initialAccumulatorValue?: number;
  readonly epsilon?: number;
}

/** a += g²; w -= lr g / sqrt(a + eps). Duchi et al., 2011. Source: Keras 2.15 `Adagrad`. */
export class AdagradOptimizer extends Optimizer {
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super("Adagrad", 0.001, options);
    const { initialAccumulatorValue = 0.1, epsilon = 1e-7 } = options;
    this.initialAccumulatorValue = checkNumber(
      "Adagrad: initialAccumulatorValue",
      initialAccumulatorValue,
      0,
    );
    this.epsilon = checkNumber("Adagrad: epsilon", epsilon, 0);
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    return [["accumulator", this.initialAccumulatorValue]];
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [a0]: readonly Tensor[],
    { learningRate }: StepState,
  ): VariableStep {
    const a = a0!.add(K.square(gradient));
    const value = fused(rmspropStep, weight, gradient, learningRate, a, this.epsilon);
    return { value, slots: [a] };
  }
}

/** `Adagrad({ learningRate: 0.01 })`. Source: Keras 2.15 `optimizers.Adagrad`. */
export const Adagrad: Factory<typeof AdagradOptimizer> = withoutNew(AdagradOptimizer);

export interface AdadeltaOptions extends OptimizerOptions {
  /** The decay of both means of squares, 0.95 by default. */
  readonly rho?: number;
  readonly epsilon?: number;
}

/** w -= lr sqrt(d + eps) / sqrt(a + eps) g, d the mean of squared steps. Zeiler, 2012. Source: Keras 2.15 `Adadelta`. */
export class AdadeltaOptimizer extends Optimizer {
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super("Adadelta", 0.001, options);
    this.rho = checkNumber("Adadelta: rho", options.rho ?? 0.95, 0, 1);
    this.epsilon = checkNumber("Adadelta: epsilon", options.epsilon ?? 1e-7, 0);
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    return [
      ["accumulated_grad", 0],
      ["accumulated_delta_var", 0],
    ];
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [a0, d0]: readonly Tensor[],
    { learningRate }: StepState,
  ): VariableStep {
    const decayed = (mean: Tensor, of: Tensor): Tensor => fused(meanSquare, mean, of, this.rho, 1 - this.rho);
    const rms = (x: Tensor): Tensor => root(x.add(this.epsilon));
    const a = decayed(a0!, gradient);
    const delta = rms(d0!).multiply(gradient).divide(rms(a)).negative();
    return { value: weight.add(delta.multiply(learningRate)), slots: [a, decayed(d0!, delta)] };
  }
}

/** `Adadelta({ learningRate: 1 })`. Source: Keras 2.15 `optimizers.Adadelta`. */
export const Adadelta: Factory<typeof AdadeltaOptimizer> = withoutNew(AdadeltaOptimizer);
