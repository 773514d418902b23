import { type Factory, withoutNew } from "../base/callable.ts";
import { ExponentialDecaySchedule } from "./learning-rate.ts";

export { LearningRateSchedule } from "./learning-rate.ts";

/** `schedules.ExponentialDecay(0.1, 1000, 0.96)`. Source: Keras `schedules.ExponentialDecay`. */
export const ExponentialDecay: Factory<typeof ExponentialDecaySchedule> =
  withoutNew(ExponentialDecaySchedule);
