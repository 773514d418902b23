import { ArgumentError } from "@polykeras/core";
import type { Callback } from "../callbacks/callback.ts";
import { checkInteger, checkNumber, checkOptions } from "../base/check.ts";
import type { Fed } from "./data.ts";
import type { ClassWeight } from "./weights.ts";

/** 0 prints nothing, 1 a progress bar, 2 a line per epoch; 'auto' is 1. */
export type Verbose = 0 | 1 | 2 | "auto";

export interface EvaluateOptions {
  /** 32 by default. */
  readonly batchSize?: number;
  readonly verbose?: Verbose;
  /** One weight per sample. */
  readonly sampleWeight?: Fed;
  readonly callbacks?: readonly Callback[];
  /** Give an object by name instead of numbers. */
  readonly returnDict?: boolean;
}

export interface FitOptions {
  /** 32 by default. */
  readonly batchSize?: number;
  /** The number of the epoch at which training ends, 1 by default. */
  readonly epochs?: number;
  /** 1 by default. */
  readonly verbose?: Verbose;
  readonly callbacks?: readonly Callback[];
  /** The last part of the samples that is held back for validation, in [0, 1). */
  readonly validationSplit?: number;
  /** [x, y] or [x, y, sampleWeight]. */
  readonly validationData?: readonly [x: Fed, y: Fed] | readonly [x: Fed, y: Fed, sampleWeight: Fed];
  /** A new order of samples each epoch; true by default. */
  readonly shuffle?: boolean;
  /** The weight of each class in the loss. */
  readonly classWeight?: ClassWeight;
  /** The weight of each sample in the loss. */
  readonly sampleWeight?: Fed;
  /** The first epoch's number, to go on with an earlier run. */
  readonly initialEpoch?: number;
  readonly validationBatchSize?: number;
  /** Validate at every n-th epoch. */
  readonly validationFreq?: number;
}

export interface PredictOptions {
  /** 32 by default. */
  readonly batchSize?: number;
  readonly verbose?: Verbose;
}

export interface BatchOptions {
  readonly sampleWeight?: Fed;
  readonly returnDict?: boolean;
  /** False goes on gathering metrics over calls. */
  readonly resetMetrics?: boolean;
}

const fitNames = [
  "batchSize",
  "epochs",
  "verbose",
  "callbacks",
  "validationSplit",
  "validationData",
  "shuffle",
  "classWeight",
  "sampleWeight",
  "initialEpoch",
  "validationBatchSize",
  "validationFreq",
] as const satisfies readonly (keyof FitOptions)[];

export function checkFit(options: FitOptions): void {
  checkOptions("fit", options, fitNames);
  for (const name of ["batchSize", "validationBatchSize", "validationFreq"] as const)
    if (options[name] !== undefined) checkInteger(`fit: ${name}`, options[name], 1);
  for (const name of ["epochs", "initialEpoch"] as const)
    if (options[name] !== undefined) checkInteger(`fit: ${name}`, options[name], 0);
  if (options.validationSplit !== undefined)
    checkNumber("fit: validationSplit", options.validationSplit, 0, 1 - Number.EPSILON);
  if (options.validationSplit && options.validationData)
    throw new ArgumentError("fit: give validationSplit or validationData, not both.");
}

export function checkEvaluate(where: string, options: EvaluateOptions): void {
  checkOptions(where, options, ["batchSize", "verbose", "sampleWeight", "callbacks", "returnDict"]);
  if (options.batchSize !== undefined) checkInteger(`${where}: batchSize`, options.batchSize, 1);
}

export function verbosity(value: Verbose | undefined): 0 | 1 | 2 {
  if (value === undefined || value === "auto") return 1;
  if (value === 0 || value === 1 || value === 2) return value;
  throw new ArgumentError(`verbose must be 0, 1, 2 or 'auto'; got ${String(value)}.`);
}
