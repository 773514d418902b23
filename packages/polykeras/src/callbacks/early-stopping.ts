import type { NDArray } from "@polykeras/core";
import { type Factory, withoutNew } from "../base/callable.ts";
import { checkOptions } from "../base/check.ts";
import type { Logs } from "../training/programs.ts";
import { Callback } from "./callback.ts";

export interface EarlyStoppingOptions {
  /** The name in the logs; 'val_loss' by default. */
  readonly monitor?: string;
  /** The least change that counts as better. */
  readonly minDelta?: number;
  /** How many epochs without improvement are allowed. */
  readonly patience?: number;
  /** 'auto' takes names that end in acc, accuracy or auc as better when larger. */
  readonly mode?: "auto" | "min" | "max";
  /** Only improvements on this value count. */
  readonly baseline?: number;
  readonly restoreBestWeights?: boolean;
  /** Epochs before which nothing is watched. */
  readonly startFromEpoch?: number;
}

const names = [
  "monitor",
  "minDelta",
  "patience",
  "mode",
  "baseline",
  "restoreBestWeights",
  "startFromEpoch",
] as const;

/** Stops training when a number no longer improves. Source: Keras `callbacks.EarlyStopping`. */
export class EarlyStoppingCallback extends Callback {
  readonly monitor: string;
  stoppedEpoch = 0;
  best = 0;
  bestEpoch = 0;
  readonly #options: EarlyStoppingOptions;
  readonly #larger: boolean;
  #wait = 0;
  #bestWeights: readonly NDArray[] | null = null;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    checkOptions("EarlyStopping", options, names);
    this.#options = options;
    this.monitor = options.monitor ?? "val_loss";
    const { mode = "auto" } = options;
    this.#larger = mode === "max" || (mode === "auto" && /(acc|accuracy|auc)$/.test(this.monitor));
  }

  override onTrainBegin(): void {
    this.#wait = 0;
    this.stoppedEpoch = 0;
    this.bestEpoch = 0;
    this.best = this.#larger ? -Infinity : Infinity;
    this.#bestWeights = null;
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { patience = 0, restoreBestWeights = false, startFromEpoch = 0, baseline } = this.#options;
    const current = logs[this.monitor];
    if (current === undefined) {
      console.warn(
        `EarlyStopping: '${this.monitor}' is not available; the logs have ${Object.keys(logs).join(", ")}.`,
      );
      return;
    }
    if (epoch < startFromEpoch) return;
    const model = this.model!;
    if (restoreBestWeights && !this.#bestWeights) this.#bestWeights = await model.getWeights();
    this.#wait++;
    if (this.#better(current, this.best)) {
      this.best = current;
      this.bestEpoch = epoch;
      if (restoreBestWeights) this.#bestWeights = await model.getWeights();
      if (baseline === undefined || this.#better(current, baseline)) this.#wait = 0;
      return;
    }
    if (this.#wait < patience || epoch === 0) return;
    this.stoppedEpoch = epoch;
    model.stopTraining = true;
    if (restoreBestWeights && this.#bestWeights) await model.setWeights(this.#bestWeights);
  }

  #better(value: number, reference: number): boolean {
    const delta = Math.abs(this.#options.minDelta ?? 0);
    return this.#larger ? value - delta > reference : value + delta < reference;
  }
}

/** `EarlyStopping({ monitor: 'val_loss', patience: 3 })`. Source: Keras `callbacks.EarlyStopping`. */
export const EarlyStopping: Factory<typeof EarlyStoppingCallback> = withoutNew(EarlyStoppingCallback);
