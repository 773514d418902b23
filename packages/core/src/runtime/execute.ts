import type { Buffer, MaybePromise } from "../backend/contract.ts";
import type { Node } from "../graph/node.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { InFlight } from "./inputs.ts";
import { exclusive } from "./lock.ts";
import { chain, lastly, sequence } from "./maybe.ts";
import type { Plan, Stage } from "./plan.ts";
import { Temporary } from "./temporary.ts";

/** Runs a plan on host data and gives one buffer per result, which the caller owns. */
export function execute(plan: Plan, feeds: readonly TypedArray[]): MaybePromise<readonly Buffer[]> {
  const only = plan.stages.length === 1 && plan.late.length === 0 ? plan.stages[0] : undefined;
  return exclusive(plan.backend, () => (only ? runOne(plan, only, feeds) : runAll(plan, feeds)));
}

function runOne(plan: Plan, stage: Stage, feeds: readonly TypedArray[]): MaybePromise<readonly Buffer[]> {
  return chain(runStage(stage, feeds, null), (buffers) =>
    plan.results.length === buffers.length && plan.results.every((of, i) => of === stage.outputs[i])
      ? buffers
      : plan.results.map((of) => buffers[stage.outputs.indexOf(of)]!),
  );
}

function runAll(plan: Plan, feeds: readonly TypedArray[]): MaybePromise<readonly Buffer[]> {
  const values = new Map<Node, InFlight>();
  // The results leave with the caller; until then everything made is let go of, after an error as well.
  const kept = new Set<Node>();
  return lastly(
    () => {
      const stages = sequence(plan.stages, (stage) =>
        chain(runStage(stage, feeds, values), (buffers) => {
          for (const [i, of] of stage.outputs.entries())
            values.set(of, { backend: stage.backend, buffer: buffers[i]! });
        }),
      );
      const written = chain(stages, () =>
        sequence(plan.late, ({ state, value }) =>
          chain(values.get(value)!.buffer.read(), (data) => state.write(data)),
        ),
      );
      return chain(written, () => {
        for (const of of plan.results) kept.add(of);
        return plan.results.map((of) => values.get(of)!.buffer);
      });
    },
    () => {
      for (const [of, { buffer }] of values) if (!kept.has(of)) buffer.dispose();
    },
  );
}

/** Gathers the inputs, runs, and lets go of what was made for this run alone. */
function runStage(
  stage: Stage,
  feeds: readonly TypedArray[],
  values: ReadonlyMap<Node, InFlight> | null,
): MaybePromise<readonly Buffer[]> {
  const temporary = new Temporary();
  return lastly(
    () =>
      chain(stage.inputs.gather(feeds, values, temporary), (buffers) =>
        stage.compiled.executable.run(buffers),
      ),
    () => temporary.dispose(),
  );
}
