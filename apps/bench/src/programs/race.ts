import type { Library } from "../libraries/library.ts";
import { now, time } from "../timing.ts";
import { take } from "../workloads/graph.ts";
import { workloads } from "../workloads/index.ts";

// Runs cases of a workload with a library, and prints one line of JSON for each. Parameters: workload, which cases,
// library, and what its `load` takes. `racer.ts` starts this and reads the lines.

const libraries: Readonly<Record<string, (parameter: string) => Promise<Library>>> = {
  polykeras: async () => (await import("../libraries/polykeras.ts")).load(),
  tfjs: async (engine) => (await import("../libraries/tfjs.ts")).load(engine),
  jax: async () => (await import("../libraries/jax.ts")).load(),
  onnx: async (threads) => (await import("../libraries/onnx.ts")).load(Number(threads)),
  limit: async (threads) => (await import("../libraries/limit.ts")).load(Number(threads)),
};

/** Milliseconds. */
const slowest = 10_000;

const [name = "", chosen = "", library = "", parameter = ""] = process.argv.slice(2);
const workload = workloads.find((of) => of.name === name);
if (!workload) throw new RangeError(`there is no workload '${name}'`);
const { prepare } = (await libraries[library]?.(parameter)) ?? {};
if (!prepare) throw new RangeError(`there is no library '${library}'`);

for (const index of chosen.split(",").map(Number)) {
  const of = take(workload.cases, index);
  const line = await run(prepare, of).catch((error: unknown) => ({
    failure: error instanceof Error ? error.message : String(error),
  }));
  console.log(JSON.stringify({ case: of.name, ...line }));
}
// Threads and sessions that still wait would keep the process.
process.exit();

async function run(
  prepareCase: Library["prepare"],
  of: Parameters<Library["prepare"]>[0],
): Promise<Readonly<Record<string, number | string>>> {
  const prepared = await prepareCase(of);
  if ("leftOut" in prepared) return { left_out: prepared.leftOut };
  const begin = now();
  const check = await prepared.check();
  const once = now() - begin;
  // Of what takes that long, the run that was checked has to do.
  const { best, median } = once > slowest ? { best: once, median: once } : await time(prepared.run);
  prepared.dispose();
  return { check, best, median };
}
