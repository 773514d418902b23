import { isPromise } from "@polykeras/core/internal";
import { type Batches, shuffle } from "./batches.ts";
import { runEvaluation } from "./evaluate.ts";
import type { Hooks } from "./hooks.ts";
import type { Logs, Programs } from "./programs.ts";
import { ProgressBar, standardOutput } from "./progress.ts";
import { Breath } from "./yield.ts";

/** A run of `fit`, after its arguments were read. */
export interface FitRun {
  readonly programs: Programs;
  readonly batches: Batches;
  readonly validation: { readonly programs: Programs; readonly batches: Batches } | null;
  readonly validationFreq: number;
  readonly epochs: number;
  readonly initialEpoch: number;
  /** The seed of the order of samples; null keeps their order. */
  readonly shuffleSeed: number | null;
  readonly verbose: 0 | 1 | 2;
  readonly hooks: Hooks;
  /** True once a callback asked to stop. */
  stopped(): boolean;
}

/** The loop of epochs and steps. On an engine that answers at once no step waits for a promise. */
export async function runFit(run: FitRun): Promise<void> {
  const { programs, batches, hooks, verbose } = run;
  const order = run.shuffleSeed === null ? null : new Int32Array(batches.count);
  const breath = new Breath();
  let logs: Logs = {};
  await hooks.run("onTrainBegin");
  for (let epoch = run.initialEpoch; epoch < run.epochs; epoch++) {
    if (verbose) standardOutput().write(`Epoch ${epoch + 1}/${run.epochs}\n`);
    const progress = verbose ? new ProgressBar(batches.steps, verbose) : null;
    await hooks.at("onEpochBegin", epoch);
    await programs.reset();
    if (order) shuffle(order, run.shuffleSeed ?? 0, epoch);
    for (let step = 0; step < batches.steps; step++) {
      if (hooks.perTrainBatch) await hooks.at("onTrainBatchBegin", step);
      const pending = programs.train.run(batches.values(step, order));
      if (isPromise(pending)) await pending;
      if (hooks.perTrainBatch) await hooks.at("onTrainBatchEnd", step, await programs.results());
      if (progress?.due(step + 1) && step + 1 < batches.steps)
        progress.update(step + 1, await programs.results());
      if (breath.due) await breath.take();
      if (run.stopped()) break;
    }
    logs = await programs.results();
    if (run.validation && (epoch + 1) % run.validationFreq === 0)
      logs = { ...logs, ...(await validate(run.validation, hooks)) };
    progress?.finish(logs);
    await hooks.at("onEpochEnd", epoch, logs);
    if (run.stopped()) break;
  }
  await hooks.run("onTrainEnd", logs);
}

async function validate(of: NonNullable<FitRun["validation"]>, hooks: Hooks): Promise<Logs> {
  const scores = await runEvaluation(of.programs, of.batches, hooks, null);
  return Object.fromEntries(Object.entries(scores).map(([name, value]) => [`val_${name}`, value]));
}
