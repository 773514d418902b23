import { type Callback, overrides } from "../callbacks/callback.ts";
import { ArgumentError } from "@polykeras/core";
import type { Logs } from "./programs.ts";

/** All callbacks of a run, in their order. */
export class Hooks {
  readonly #callbacks: readonly Callback[];
  /** Someone wants the logs after every training batch. */
  readonly perTrainBatch: boolean;
  readonly perTestBatch: boolean;

  constructor(callbacks: readonly Callback[]) {
    if (!Array.isArray(callbacks))
      throw new ArgumentError("callbacks is a list, such as [EarlyStopping({ patience: 3 })].");
    this.#callbacks = callbacks;
    const any = (...hooks: (keyof Callback)[]): boolean =>
      callbacks.some((callback) => hooks.some((hook) => overrides(callback, hook)));
    this.perTrainBatch = any("onTrainBatchBegin", "onTrainBatchEnd");
    this.perTestBatch = any("onTestBatchBegin", "onTestBatchEnd");
  }

  async run(
    hook: "onTrainBegin" | "onTrainEnd" | "onTestBegin" | "onTestEnd",
    logs: Logs = {},
  ): Promise<void> {
    for (const callback of this.#callbacks) await callback[hook](logs);
  }

  async at(
    hook:
      | "onEpochBegin"
      | "onEpochEnd"
      | "onTrainBatchBegin"
      | "onTrainBatchEnd"
      | "onTestBatchBegin"
      | "onTestBatchEnd",
    index: number,
    logs: Logs = {},
  ): Promise<void> {
    for (const callback of this.#callbacks) await callback[hook](index, logs);
  }
}
