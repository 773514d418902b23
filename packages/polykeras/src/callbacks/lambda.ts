import { type Factory, withoutNew } from "../base/callable.ts";
import { checkOptions } from "../base/check.ts";
import { Callback } from "./callback.ts";

const hooks = [
  "onTrainBegin",
  "onTrainEnd",
  "onEpochBegin",
  "onEpochEnd",
  "onTrainBatchBegin",
  "onTrainBatchEnd",
  "onTestBegin",
  "onTestEnd",
  "onTestBatchBegin",
  "onTestBatchEnd",
] as const;

export type LambdaCallbackOptions = Partial<Pick<Callback, (typeof hooks)[number]>>;

/** Functions as a callback. Source: Keras `callbacks.LambdaCallback`. */
export class LambdaCallbackObject extends Callback {
  constructor(options: LambdaCallbackOptions) {
    super();
    checkOptions("LambdaCallback", options, hooks);
    Object.assign(this, options);
  }
}

/** `LambdaCallback({ onEpochEnd: (epoch, logs) => ... })`. Source: Keras `callbacks.LambdaCallback`. */
export const LambdaCallback: Factory<typeof LambdaCallbackObject> = withoutNew(LambdaCallbackObject);
