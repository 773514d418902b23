import type { Bench } from "./bench.ts";
import type { Outcome } from "./harness.ts";
import { type Summary, ratios, summariseRounds } from "./statistics.ts";

/** What one contender made of one measure. */
export interface SummaryRow {
  readonly measure: string;
  readonly contender: string;
  readonly threads: number;
  readonly value: Summary;
  /** How many times the value of the first contender with as many threads; null where that has none. */
  readonly ratio: Summary | null;
}

/** The numbers of the tables, for programs. */
export function toSummary(bench: Bench, outcomes: readonly Outcome[]): SummaryRow[] {
  return bench.measures.flatMap(({ key }) =>
    outcomes.flatMap(({ contender, threads, rounds }) => {
      const value = summariseRounds(rounds, key);
      const baseline = outcomes.find((of) => of.threads === threads);
      if (value === null) return [];
      const ratio = ratios(rounds, baseline?.rounds ?? [], key);
      return [{ measure: key, contender, threads, value, ratio }];
    }),
  );
}
