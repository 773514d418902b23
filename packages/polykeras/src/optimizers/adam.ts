import { type Tensor, K } from "@polykeras/core";
import { adamStep, firstMoment, secondMoment } from "@polykeras/core/internal";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkNumber } from "../base/check.ts";
import { fused } from "./fused.ts";
import { type OptimizerOptions, type StepState, type VariableStep, Optimizer } from "./optimizer.ts";
import { root } from "./root.ts";

export interface AdamOptions extends OptimizerOptions {
  /** The decay of the mean of gradients, 0.9 by default. */
  readonly beta1?: number;
  /** The decay of the mean of squares, 0.999 by default. */
  readonly beta2?: number;
  /** 1e-7 by default. */
  readonly epsilon?: number;
  /** Never let the mean of squares shrink (Reddi et al., 2018). */
  readonly amsgrad?: boolean;
}

/**
 * w -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps). Kingma and Ba, 2014. Source: Keras 2.15 `Adam`.
 */
export class AdamOptimizer extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;

  constructor(options: AdamOptions = {}, className = "Adam") {
    super(className, 0.001, options);
    this.beta1 = checkNumber(`${className}: beta1`, options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkNumber(`${className}: beta2`, options.beta2 ?? 0.999, 0, 1);
    this.epsilon = checkNumber(`${className}: epsilon`, options.epsilon ?? 1e-7, 0);
    this.amsgrad = options.amsgrad ?? false;
  }

  protected override slotNames(): readonly (readonly [string, number])[] {
    const names: [string, number][] = [
      ["m", 0],
      ["v", 0],
    ];
    return this.amsgrad ? [...names, ["vhat", 0]] : names;
  }

  protected override step(
    weight: Tensor,
    gradient: Tensor,
    [m0, v0, hat0]: readonly Tensor[],
    { learningRate, iteration }: StepState,
  ): VariableStep {
    const t = iteration.add(1);
    const rest = (beta: number): Tensor =>
      K.pow(K.constant(beta, { dtype: t.dtype }), t)
        .negative()
        .add(1);
    const rate = learningRate.multiply(root(rest(this.beta2))).divide(rest(this.beta1));
    const m = fused(firstMoment, m0!, gradient, 1 - this.beta1);
    const v = fused(secondMoment, v0!, gradient, 1 - this.beta2);
    const hat = hat0 ? K.maximum(hat0, v) : null;
    const value = fused(adamStep, weight, m, rate, hat ?? v, this.epsilon);
    return { value, slots: hat ? [m, v, hat] : [m, v] };
  }
}

/** `Adam({ learningRate: 0.001 })`. Source: Keras 2.15 `optimizers.Adam`. */
export const Adam: Factory<new (options?: AdamOptions) => AdamOptimizer> = withoutNew(AdamOptimizer);

/** Adam with weight decay, 0.004 by default (Loshchilov and Hutter, 2017). Source: Keras 2.15 `AdamW`. */
export class AdamWOptimizer extends AdamOptimizer {
  constructor(options: AdamOptions = {}) {
    super({ weightDecay: 0.004, ...options }, "AdamW");
  }
}

/** `AdamW({ weightDecay: 0.004 })`. Source: Keras 2.15 `optimizers.AdamW`. */
export const AdamW: Factory<typeof AdamWOptimizer> = withoutNew(AdamWOptimizer);
