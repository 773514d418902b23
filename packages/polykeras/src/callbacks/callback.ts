import type { MaybePromise } from "@polykeras/core/internal";
import type { Model } from "../models/model.ts";
import type { Logs } from "../training/programs.ts";

/** What is known of a run before it starts. */
export interface Params {
  readonly verbose: 0 | 1 | 2;
  readonly epochs: number;
  readonly steps: number;
}

/**
 * Hooks into training, evaluation and prediction; each may return a promise. Logs hold the loss and the metrics.
 * Hooks after batches cost a download per step, so that they are only asked for if overridden. Source: Keras
 * `callbacks.Callback`.
 */
export class Callback {
  model: Model | null = null;
  params: Params | null = null;

  setModel(model: Model): void {
    this.model = model;
  }
  setParams(params: Params): void {
    this.params = params;
  }

  onTrainBegin(_logs: Logs): MaybePromise<void> {}
  onTrainEnd(_logs: Logs): MaybePromise<void> {}
  onEpochBegin(_epoch: number, _logs: Logs): MaybePromise<void> {}
  onEpochEnd(_epoch: number, _logs: Logs): MaybePromise<void> {}
  onTrainBatchBegin(_batch: number, _logs: Logs): MaybePromise<void> {}
  onTrainBatchEnd(_batch: number, _logs: Logs): MaybePromise<void> {}
  onTestBegin(_logs: Logs): MaybePromise<void> {}
  onTestEnd(_logs: Logs): MaybePromise<void> {}
  onTestBatchBegin(_batch: number, _logs: Logs): MaybePromise<void> {}
  onTestBatchEnd(_batch: number, _logs: Logs): MaybePromise<void> {}
}

/** True if a callback has its own version of a hook. */
export function overrides(callback: Callback, hook: keyof Callback): boolean {
  return callback[hook] !== Callback.prototype[hook];
}
