import { type Tensor, type Variable, K } from "@polykeras/core";
import { isBranded, stamp } from "@polykeras/core/internal";

/** A learning rate that depends on the number of steps taken so far. Source: Keras `LearningRateSchedule`. */
export abstract class LearningRateSchedule {
  /** The rate at a step, a float scalar that starts at 0. */
  abstract call(step: Tensor): Tensor;
}
stamp(LearningRateSchedule, "LearningRateSchedule");

export function isSchedule(value: unknown): value is LearningRateSchedule {
  return isBranded<LearningRateSchedule>(value, "LearningRateSchedule");
}

/** initialRate * decayRate ^ (step / decaySteps). Source: Keras `schedules.ExponentialDecay`. */
export class ExponentialDecaySchedule extends LearningRateSchedule {
  readonly #of: readonly [rate: number, steps: number, decay: number];
  readonly #staircase: boolean;

  constructor(
    initialLearningRate: number,
    decaySteps: number,
    decayRate: number,
    options: { readonly staircase?: boolean } = {},
  ) {
    super();
    this.#of = [initialLearningRate, decaySteps, decayRate];
    this.#staircase = options.staircase ?? false;
  }

  override call(step: Tensor): Tensor {
    const [rate, steps, decay] = this.#of;
    const exponent = this.#staircase ? step.floorDivide(steps) : step.divide(steps);
    return K.pow(K.constant(decay, { dtype: step.dtype }), exponent).multiply(rate);
  }
}

/** The rate as a tensor of `dtype`: the variable, or the schedule at the step. */
export function rateTensor(rate: Variable | LearningRateSchedule, step: Tensor): Tensor {
  return isSchedule(rate) ? rate.call(step) : K.cast(rate, step.dtype);
}
