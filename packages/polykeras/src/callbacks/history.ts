import { type Factory, withoutNew } from "../base/callable.ts";
import type { Logs } from "../training/programs.ts";
import { Callback } from "./callback.ts";

/** The logs of each epoch; what `fit` gives. Source: Keras `callbacks.History`. */
export class HistoryCallback extends Callback {
  /** `loss`, the metrics, then `val_loss` and so on: a number per epoch each. */
  readonly history: Record<string, number[]> = {};
  /** The numbers of the epochs. */
  readonly epoch: number[] = [];

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}

/** `History()`. Source: Keras `callbacks.History`. */
export const History: Factory<typeof HistoryCallback> = withoutNew(HistoryCallback);
