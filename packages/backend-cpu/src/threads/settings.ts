import { ArgumentError } from "@polykeras/core";
import { automaticThreads, environment, sharesMemory } from "./host.ts";

/** How many threads an engine takes: "auto", or a whole number from 1 on, the calling thread included. */
export type Threads = "auto" | number;

const threadsMax = 64;
const variable = "POLYKERAS_THREADS";

/**
 * The number of threads for the option, else for POLYKERAS_THREADS, else for "auto"; 1 where memory cannot be shared.
 * Throws ArgumentError for anything else.
 */
export function threadCount(option?: Threads): number {
  const wanted = option ?? fromEnvironment() ?? "auto";
  check(wanted, option === undefined ? variable : "threads");
  if (!sharesMemory()) return 1;
  return wanted === "auto" ? automaticThreads() : wanted;
}

/** An empty variable counts as not set, as everywhere. */
function fromEnvironment(): Threads | undefined {
  const value = environment(variable);
  if (!value) return undefined;
  return value === "auto" ? value : Number(value);
}

function check(wanted: Threads, source: string): void {
  if (wanted === "auto" || (Number.isInteger(wanted) && wanted >= 1 && wanted <= threadsMax)) return;
  const shown = source === variable ? (environment(variable) ?? "") : String(wanted);
  throw new ArgumentError(
    `backend-cpu: ${source} is ${shown}; use "auto" or a whole number from 1 to ${threadsMax}.`,
  );
}
