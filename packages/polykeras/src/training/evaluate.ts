import { isPromise } from "@polykeras/core/internal";
import type { Batches } from "./batches.ts";
import type { Hooks } from "./hooks.ts";
import type { Logs, Programs } from "./programs.ts";
import type { ProgressBar } from "./progress.ts";
import { Breath } from "./yield.ts";

/** Scores batches, in order. Losses and metrics start from zero. */
export async function runEvaluation(
  programs: Programs,
  batches: Batches,
  hooks: Hooks,
  progress: ProgressBar | null,
): Promise<Logs> {
  const breath = new Breath();
  await hooks.run("onTestBegin");
  await programs.reset();
  for (let step = 0; step < batches.steps; step++) {
    if (hooks.perTestBatch) await hooks.at("onTestBatchBegin", step);
    const pending = programs.test.run(batches.values(step, null));
    if (isPromise(pending)) await pending;
    if (hooks.perTestBatch) await hooks.at("onTestBatchEnd", step, await programs.results());
    if (progress?.due(step + 1)) progress.update(step + 1, await programs.results());
    if (breath.due) await breath.take();
  }
  const logs = await programs.results();
  progress?.finish(logs);
  await hooks.run("onTestEnd", logs);
  return logs;
}
