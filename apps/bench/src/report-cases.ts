import type { Bench, Measure } from "./bench.ts";
import type { Outcome } from "./harness.ts";
import { digits, table } from "./report-table.ts";
import { type Summary, ratios, summariseRounds } from "./statistics.ts";

/** A section with one table for each number of threads: cases as rows, contenders as columns. */
export function casesToMarkdown(bench: Bench, outcomes: readonly Outcome[]): string {
  const racing = outcomes.filter(
    ({ isLimit, error, rounds }) => !isLimit && error === null && rounds.length > 0,
  );
  const counts = [...new Set(racing.map(({ threads }) => threads))];
  const tables = counts.flatMap((threads) => {
    const [baseline, ...peers] = racing.filter((of) => of.threads === threads);
    if (!baseline) return [];
    const limit = outcomes.find((of) => of.isLimit && of.threads === threads);
    const single = racing.find((of) => of.threads === 1 && threads > 1);
    return [
      "",
      ...tableOf(bench.measures, { baseline, peers, limit, single, threads, corner: bench.corner }),
    ];
  });
  const missing = outcomes.flatMap((outcome) => notes(outcome));
  return [
    `### ${bench.title}`,
    "",
    bench.description,
    ...tables,
    ...(missing.length > 0 ? ["", ...missing] : []),
  ].join("\n");
}

interface Group {
  readonly baseline: Outcome;
  readonly peers: readonly Outcome[];
  /** Of as many threads. */
  readonly limit: Outcome | undefined;
  /** The baseline's own run with one thread, for a table of several. */
  readonly single: Outcome | undefined;
  readonly threads: number;
  readonly corner: string | undefined;
}

function tableOf(measures: readonly Measure[], group: Group): string[] {
  const { baseline, peers, limit, single, threads, corner } = group;
  const shown = peers.filter((peer) => measures.some(({ key }) => summariseRounds(peer.rounds, key)));
  const titles = [
    corner ?? (threads === 1 ? "one thread" : `${threads} threads`),
    `${baseline.contender}, ${measures[0]?.unit ?? ""}`,
    ...(single ? ["times faster than one thread"] : []),
    ...(limit ? ["share of the limit"] : []),
    ...shown.map(({ contender }) => contender),
  ];
  const rows = measures.map(({ key, title }) => [
    title,
    pair(summariseRounds(baseline.rounds, key)),
    ...(single ? [pair(ratios(single.rounds, baseline.rounds, key))] : []),
    ...(limit ? [pair(ratios(limit.rounds, baseline.rounds, key))] : []),
    ...shown.map((peer) => pair(ratios(peer.rounds, baseline.rounds, key))),
  ]);
  return table(titles, rows);
}

function pair(summary: Summary | null): string {
  return summary === null ? "–" : `${digits(summary.min)} / ${digits(summary.median)}`;
}

/** Who did not run, and what they failed at: cases of one reason in one line. */
function notes({ contender, threads, error, failures }: Outcome): string[] {
  const name = threads === 1 ? contender : `${contender}, ${threads} threads`;
  if (error !== null) return [`- ${name} did not run: ${error.split("\n")[0]}`];
  const reasons = new Map<string, string[]>();
  for (const [key, reason] of Object.entries(failures)) {
    const line = reason.split("\n")[0] ?? "";
    reasons.set(line, [...(reasons.get(line) ?? []), key]);
  }
  return [...reasons].map(([reason, keys]) => `- ${name}, ${keys.join("; ")}: ${reason}`);
}
