import { explain } from "@polykeras/core";

/** Steps that the engine in force left to another one so far, counted once for each run of the programs they are in. */
export function countHostSteps(): number {
  return explain()
    .runtime.map((line) => Number(/: (\d+) steps? a run on /.exec(line)?.[1] ?? 0))
    .reduce((sum, count) => sum + count, 0);
}
