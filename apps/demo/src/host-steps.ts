import { explain } from "@polykeras/core";

/** Steps that the engine in force left to another one so far, counted once for each run of the programs they are in. */
export function countHostSteps(): number {
  return explain().hostSteps.reduce((sum, { count }) => sum + count, 0);
}
