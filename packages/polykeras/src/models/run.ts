import { ArgumentError, nextSeed } from "@polykeras/core";
import { History, type HistoryCallback } from "../callbacks/history.ts";
import { Batches } from "../training/batches.ts";
import { type Fed, sliceRows } from "../training/data.ts";
import { runEvaluation } from "../training/evaluate.ts";
import { runFit } from "../training/fit.ts";
import { Hooks } from "../training/hooks.ts";
import {
  type BatchOptions,
  type EvaluateOptions,
  type FitOptions,
  checkEvaluate,
  checkFit,
  verbosity,
} from "../training/options.ts";
import type { Logs } from "../training/programs.ts";
import { ProgressBar } from "../training/progress.ts";
import type { Prepared, TrainingSession } from "../training/session.ts";
import type { ModelLayer } from "./model.ts";

/** Reads the arguments of `fit` and runs it. */
export async function fitModel(
  model: ModelLayer,
  session: TrainingSession,
  x: Fed,
  y: Fed,
  options: FitOptions,
): Promise<HistoryCallback> {
  checkFit(options);
  const { batchSize = 32, epochs = 1, initialEpoch = 0, callbacks = [] } = options;
  const { sampleWeight, classWeight, validationFreq = 1 } = options;
  // Drawn before anything is awaited: concurrent runs take their seeds in the order of the calls.
  const shuffleSeed = (options.shuffle ?? true) ? nextSeed() : null;
  const all = await session.prepare("fit", x, y, { sampleWeight, classWeight });
  const { training, validation } = await split(session, all, options);
  const verbose = verbosity(options.verbose);
  const history = History();
  const listed = [history, ...callbacks];
  const hooks = new Hooks(listed);
  const batches = new Batches(training.columns, batchSize);
  for (const callback of listed) {
    callback.setModel(model);
    callback.setParams({ verbose, epochs, steps: batches.steps });
  }
  model.stopTraining = false;
  model.history = history;
  await runFit({
    programs: training.programs,
    batches,
    validation: validation && {
      programs: validation.programs,
      batches: new Batches(validation.columns, options.validationBatchSize ?? batchSize),
    },
    validationFreq,
    epochs,
    initialEpoch,
    shuffleSeed,
    verbose,
    hooks,
    stopped: () => model.stopTraining,
  });
  return history;
}

/** Training and validation samples: the last part is held back, or data of its own is given. */
async function split(
  session: TrainingSession,
  all: Prepared,
  { validationSplit = 0, validationData }: FitOptions,
): Promise<{ training: Prepared; validation: Prepared | null }> {
  if (validationData) {
    const [x, y, sampleWeight] = validationData;
    return {
      training: all,
      validation: await session.prepare("fit: validationData", x, y, { sampleWeight }),
    };
  }
  if (validationSplit === 0) return { training: all, validation: null };
  const at = Math.floor(all.count * (1 - validationSplit));
  if (at === 0 || at === all.count)
    throw new ArgumentError(
      `fit: Training data contains ${all.count} samples, which is not sufficient to split it into a validation and ` +
        `training set as specified by validationSplit: ${validationSplit}. Provide more data, or a different value.`,
    );
  return {
    training: { ...all, count: at, columns: sliceRows(all.columns, 0, at) },
    validation: { ...all, count: all.count - at, columns: sliceRows(all.columns, at, all.count) },
  };
}

/** Reads the arguments of `evaluate` and runs it. */
export async function evaluateModel(
  session: TrainingSession,
  x: Fed,
  y: Fed,
  options: EvaluateOptions,
): Promise<Logs> {
  checkEvaluate("evaluate", options);
  const { batchSize = 32, sampleWeight, callbacks = [] } = options;
  const { programs, columns } = await session.prepare("evaluate", x, y, { sampleWeight });
  const batches = new Batches(columns, batchSize);
  const verbose = verbosity(options.verbose);
  const progress = verbose ? new ProgressBar(batches.steps, verbose) : null;
  return runEvaluation(programs, batches, new Hooks(callbacks), progress);
}

/** One step on one batch. */
export async function runBatch(
  where: "trainOnBatch" | "testOnBatch",
  session: TrainingSession,
  x: Fed,
  y: Fed,
  options: BatchOptions & Pick<FitOptions, "classWeight">,
): Promise<Logs> {
  const { sampleWeight, classWeight, resetMetrics = true } = options;
  const { programs, columns, count } = await session.prepare(where, x, y, { sampleWeight, classWeight });
  if (resetMetrics) await programs.reset();
  const runner = where === "trainOnBatch" ? programs.train : programs.test;
  await runner.run(new Batches(columns, count).values(0, null));
  return programs.results();
}
