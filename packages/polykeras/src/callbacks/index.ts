export { Callback } from "./callback.ts";
export type { Params } from "./callback.ts";
export { EarlyStopping } from "./early-stopping.ts";
export type { EarlyStoppingOptions } from "./early-stopping.ts";
export { History } from "./history.ts";
export { LambdaCallback } from "./lambda.ts";
export type { LambdaCallbackOptions } from "./lambda.ts";
