import { type Tensor, type Update, type Variable, K } from "@polykeras/core";
import { firstMoment, secondMoment } from "@polykeras/core/internal";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import type { Weight } from "../layers/weight.ts";
import { fused } from "./fused.ts";
import { type OptimizerOptions, type StepState, type VariableStep, Optimizer } from "./optimizer.ts";
import { root } from "./root.ts";

export interface AdamaxOptions extends OptimizerOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** beta to the power t, as a tensor. */
function power(beta: number, t: Tensor): Tensor {
  return K.pow(K.constant(beta, { dtype: t.dtype }), t);
}

/** What Adamax and Nadam share: two means with decays beta1 and beta2. */
abstract class MeansOptimizer extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(className: string, options: AdamaxOptions) {
    super(className, 0.001, options);
    this.beta1 = checkNumber(`${className}: beta1`, options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkNumber(`${className}: beta2`, options.beta2 ?? 0.999, 0, 1);
    this.epsilon = checkNumber(`${className}: epsilon`, options.epsilon ?? 1e-7, 0);
  }

  /** m moved towards the gradient. */
  protected mean(m: Tensor, gradient: Tensor): Tensor {
    return fused(firstMoment, m, gradient, 1 - this.beta1);
  }
}

/** Adam with the largest gradient instead of the mean of squares. Kingma and Ba, 2014. Source: Keras 2.15 `Adamax`. */
export class AdamaxOptimizer extends MeansOptimizer {
  constructor(options: AdamaxOptions = {}) {
    super("Adamax", options);
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    return [
      ["m", 0],
      ["u", 0],
    ];
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [m0, u0]: readonly Tensor[],
    { learningRate, iteration }: StepState,
  ): VariableStep {
    const m = this.mean(m0!, gradient);
    const u = K.maximum(u0!.multiply(this.beta2), K.abs(gradient));
    const rest = power(this.beta1, iteration.add(1)).negative().add(1);
    const step = m.multiply(learningRate).divide(rest.multiply(u.add(this.epsilon)));
    return { value: weight.subtract(step), slots: [m, u] };
  }
}

/** `Adamax({ learningRate: 0.001 })`. Source: Keras 2.15 `optimizers.Adamax`. */
export const Adamax: Factory<typeof AdamaxOptimizer> = withoutNew(AdamaxOptimizer);

/** Adam with Nesterov momentum. Dozat, 2015. Source: Keras 2.15 `Nadam`. */
export class NadamOptimizer extends MeansOptimizer {
  /** The product of all momenta so far. */
  readonly product: Variable;

  constructor(options: AdamaxOptions = {}) {
    super("Nadam", options);
    this.product = K.variable(1, { name: "u_product:0" });
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    return [
      ["m", 0],
      ["v", 0],
    ];
  }

  /** The momentum of step t: beta1 (1 - 0.5 * 0.96^t). */
  #momentum(t: Tensor): Tensor {
    return power(0.96, t).multiply(-0.5).add(1).multiply(this.beta1);
  }

  override updates(weights: readonly Weight[], gradients: readonly Tensor[]): Update[] {
    const t = K.cast(this.iterations, this.product.dtype).add(1);
    return [
      ...super.updates(weights, gradients),
      K.update(this.product, this.product.multiply(this.#momentum(t))),
    ];
  }

  override get variables(): readonly Variable[] {
    return [...super.variables, this.product];
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [m0, v0]: readonly Tensor[],
    { learningRate, iteration }: StepState,
  ): VariableStep {
    const t = iteration.add(1);
    const now = this.#momentum(t);
    const next = this.#momentum(t.add(1));
    const product = K.cast(this.product, t.dtype).multiply(now);
    const one = (x: Tensor): Tensor => x.negative().add(1);
    const m = this.mean(m0!, gradient);
    const v = fused(secondMoment, v0!, gradient, 1 - this.beta2);
    const ahead = next.multiply(m).divide(one(product.multiply(next)));
    const here = one(now).multiply(gradient).divide(one(product));
    const scale = root(v.divide(one(power(this.beta2, t)))).add(this.epsilon);
    return {
      value: weight.subtract(ahead.add(here).multiply(learningRate).divide(scale)),
      slots: [m, v],
    };
  }
}

/** `Nadam({ learningRate: 0.001 })`. Source: Keras 2.15 `optimizers.Nadam`. */
export const Nadam: Factory<typeof NadamOptimizer> = withoutNew(NadamOptimizer);
