import type { Backend, Buffer, MaybePromise } from "../backend/contract.ts";
import type { Node } from "../graph/node.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { exclusive } from "./lock.ts";
import { all, chain, lastly, sequence } from "./maybe.ts";
import type { Plan, Source, Stage } from "./plan.ts";
import { Temporary } from "./temporary.ts";

/** A value that a stage made, on the backend that holds it. */
interface InFlight {
  readonly backend: Backend;
  readonly buffer: Buffer;
}

/** Runs a plan on host data and gives one buffer per result, which the caller owns. */
export function execute(plan: Plan, feeds: readonly TypedArray[]): MaybePromise<readonly Buffer[]> {
  const only = plan.stages.length === 1 && plan.late.length === 0 ? plan.stages[0] : undefined;
  return exclusive(plan.backend, () => (only ? runOne(plan, only, feeds) : runAll(plan, feeds)));
}

function runOne(plan: Plan, stage: Stage, feeds: readonly TypedArray[]): MaybePromise<readonly Buffer[]> {
  return chain(runStage(stage, feeds, new Map()), (buffers) =>
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
  values: ReadonlyMap<Node, InFlight>,
): MaybePromise<readonly Buffer[]> {
  const temporary = new Temporary();
  return lastly(
    () => {
      const inputs: MaybePromise<Buffer>[] = [];
      for (let i = 0; i < stage.sources.length; i++)
        inputs.push(gather(stage, stage.sources[i]!, feeds, values, temporary));
      const run = chain(all(inputs), (buffers) => stage.compiled.executable.run(buffers));
      return chain(run, (outputs) => {
        for (let i = 0; i < stage.updated.length; i++) stage.updated[i]!.touch();
        return outputs;
      });
    },
    () => temporary.dispose(),
  );
}

function gather(
  stage: Stage,
  source: Source,
  feeds: readonly TypedArray[],
  values: ReadonlyMap<Node, InFlight>,
  temporary: Temporary,
): MaybePromise<Buffer> {
  if (source.kind === "variable") return source.state.on(stage.backend);
  const feed = (data: TypedArray): MaybePromise<Buffer> =>
    chain(source.slot.feed(data), (buffer) => temporary.add(buffer));
  if (source.kind === "fed") return feed(feeds[source.index]!);
  const value = values.get(source.of)!;
  return value.backend === stage.backend ? value.buffer : chain(value.buffer.read(), feed);
}
