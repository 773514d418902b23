import type { Bench, Measure } from "./bench.ts";
import type { Outcome } from "./harness.ts";
import { ratios, summarise } from "./statistics.ts";

/** The outcomes of one bench as a section of Markdown. */
export function toMarkdown(bench: Bench, outcomes: readonly Outcome[]): string {
  const [baseline] = outcomes;
  const titles = bench.measures.flatMap(({ title, unit, ratio }) => [
    unit === "" ? title : `${title}, ${unit}`,
    ...(ratio ? [`times ${baseline?.contender ?? ""}`] : []),
  ]);
  const rows = outcomes.map((outcome) => [
    outcome.contender,
    ...bench.measures.flatMap((measure) => cells(measure, outcome, baseline?.rounds ?? [])),
  ]);
  const missing = outcomes.flatMap(({ contender, error }) =>
    error === null ? [] : [`- ${contender} did not run: ${error.split("\n")[0]}`],
  );
  return [
    `### ${bench.title}`,
    "",
    bench.description,
    "",
    ...table(["", ...titles], rows),
    ...(missing.length > 0 ? ["", ...missing] : []),
  ].join("\n");
}

/** `min / median`, and the same as ratios. */
function cells(measure: Measure, { rounds }: Outcome, baseline: Outcome["rounds"]): string[] {
  const values = rounds.flatMap((measures) => measures[measure.key] ?? []);
  if (values.length === 0) return measure.ratio ? ["–", "–"] : ["–"];
  const { min, median } = summarise(values);
  const shown = `${digits(min)} / ${digits(median)}`;
  if (!measure.ratio) return [shown];
  const times = ratios(rounds, baseline, measure.key);
  return [shown, times === null ? "–" : `${digits(times.min)} / ${digits(times.median)}`];
}

/** Three digits that count. */
function digits(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 3));
}

/** Rows of Markdown with columns of one width, as the formatter leaves them. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = titles.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(titles), line(rule), ...rows.map(line)];
}

/** Puts `text` between the page's markers. Throws when the page has none. */
export function replaceBetweenMarkers(page: string, text: string): string {
  const [begin, end] = ["<!-- bench:begin -->", "<!-- bench:end -->"];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
