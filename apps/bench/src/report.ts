import type { Bench, Measure } from "./bench.ts";
import type { Outcome } from "./harness.ts";
import { casesToMarkdown } from "./report-cases.ts";
import { digits, table } from "./report-table.ts";
import { ratios, summarise } from "./statistics.ts";

/** The outcomes of one bench as a section of Markdown. */
export function toMarkdown(bench: Bench, outcomes: readonly Outcome[]): string {
  if (bench.measuresAsRows) return casesToMarkdown(bench, outcomes);
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

/** Puts `text` between the page's markers. Throws when the page has none. */
export function replaceBetweenMarkers(page: string, text: string): string {
  const { from, to } = placeOf(page);
  return `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`;
}

/** What stands between the page's markers. Throws when the page has none. */
export function textBetweenMarkers(page: string): string {
  const { from, to } = placeOf(page);
  return page.slice(from, to).trim();
}

function placeOf(page: string): { readonly from: number; readonly to: number } {
  const [begin, end] = ["<!-- bench:begin -->", "<!-- bench:end -->"];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place between ${begin} and ${end}`);
  return { from: from + begin.length, to };
}

/** New sections in place of old ones with the same title; the others stay. Titles in `order` come first. */
export function mergeSections(text: string, sections: readonly string[], order: readonly string[]): string {
  const byTitle = new Map<string, string>();
  for (const section of [...text.split(/^(?=### )/m), ...sections]) {
    const title = /^### (.*)/.exec(section)?.[1];
    if (title !== undefined) byTitle.set(title, section.trim());
  }
  const titles = [...order.filter((title) => byTitle.has(title)), ...byTitle.keys()];
  return [...new Set(titles)].map((title) => byTitle.get(title) ?? "").join("\n\n");
}
