import type { DType } from "@polykeras/core";
import { type Result, type Route, type Status, isFailure } from "../run/result.ts";

export type Counts = Readonly<Record<Status, number>>;

/** One K function by one route in one dtype. */
export interface Cell {
  readonly function: string;
  readonly route: Route;
  readonly dtype: DType;
  readonly counts: Counts;
  readonly worstUlp: number;
}

/** What a run found; plain data, so that it can be kept as JSON. */
export interface Report {
  readonly backend: string;
  readonly cells: readonly Cell[];
  readonly totals: Readonly<Record<Route, Counts>>;
  /** Composites that the engine runs with kernels of its own. */
  readonly ownKernels: readonly string[];
  /** Why ops ran on a host engine, which ones, and how many results that touches. */
  readonly hosted: readonly {
    readonly reason: string;
    readonly ops: readonly string[];
    readonly results: number;
  }[];
  readonly failures: readonly Result[];
  readonly expected: readonly Result[];
  /** Ids in the list of expected failures that no result has. */
  readonly unmatched: readonly string[];
  /** No failure, no unexpected pass, no unmatched id, and at least one result. */
  readonly ok: boolean;
}

export function makeReport(
  backend: string,
  results: readonly Result[],
  unmatchedIds: readonly string[],
): Report {
  const failures = results.filter(isFailure);
  const groups = groupBy(results, (result) => `${result.function} ${result.route} ${result.dtype}`);
  const cells = [...groups.values()].map((group): Cell => {
    const [{ function: name, route, dtype }] = [group[0]!];
    return { function: name, route, dtype, counts: count(group), worstUlp: worstOf(group) };
  });
  const totals = (route: Route): Counts => count(results.filter((result) => result.route === route));
  const hosted = groupBy(
    results.flatMap((result) => result.hosted.map((hostedOp) => ({ ...hostedOp, id: result.id }))),
    ({ reason }) => reason,
  );
  return {
    backend,
    cells,
    totals: { own: totals("own"), decomposed: totals("decomposed"), gradient: totals("gradient") },
    ownKernels: [...new Set(results.flatMap((result) => result.ownKernels))].toSorted(),
    hosted: [...hosted].map(([reason, list]) => ({
      reason,
      ops: [...new Set(list.map(({ op }) => op))].toSorted(),
      results: new Set(list.map(({ id }) => id)).size,
    })),
    failures,
    expected: results.filter(({ status }) => status === "expected"),
    unmatched: unmatchedIds,
    ok: failures.length === 0 && unmatchedIds.length === 0 && results.length > 0,
  };
}

/** No results of any kind. */
const zero: Counts = { pass: 0, host: 0, fail: 0, expected: 0, unexpected: 0, same: 0 };

function count(results: readonly Result[]): Counts {
  const counts = { ...zero };
  for (const { status } of results) counts[status]++;
  return counts;
}

/** The largest distance of a result that passed; failures speak for themselves. */
function worstOf(results: readonly Result[]): number {
  return Math.max(0, ...results.filter((result) => !isFailure(result)).map(({ worstUlp }) => worstUlp));
}

/** `Map.groupBy`, which Node 20 lacks. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
