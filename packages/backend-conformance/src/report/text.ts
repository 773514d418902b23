import { type DType, dtypes } from "@polykeras/core";
import { type Route, routes } from "../run/result.ts";
import { type Cell, type Counts, type Report, groupBy } from "./report.ts";

const headings: Readonly<Record<Route, string>> = {
  own: "own kernel",
  decomposed: "decomposed",
  gradient: "gradient",
};

const legend =
  "A number is how many cases passed on the engine; 5/7: two failed; +3h: three passed with steps on a host engine; " +
  "-1x: one failed as expected; =: the engine has no kernel of its own, so 'own kernel' ran the decomposition.";

/** A report for people: totals, the table op x route x dtype, then every failure. */
export function formatReport(report: Report): string {
  return [
    `Conformance of backend '${report.backend}': ${report.ok ? "passed" : "FAILED"}`,
    ...routes.map((route) => `  ${headings[route].padEnd(10)}  ${describeTotals(report.totals[route])}`),
    `  own kernels of composites: ${report.ownKernels.join(", ") || "none"}`,
    ...report.hosted.map(
      ({ reason, ops, results }) => `  on a host engine in ${results} results (${reason}): ${ops.join(", ")}`,
    ),
    "",
    ...formatTable(report),
    legend,
    ...report.expected.map(({ id, message }) => `expected failure ${id}\n  ${message}`),
    ...report.failures.map(({ id, message }) => `FAILED ${id}\n  ${message}`),
    ...report.unmatched.map((id) => `FAILED: the list of expected failures names ${id}, which no case has.`),
    "",
  ].join("\n");
}

function describeTotals({ pass, host, fail, expected, unexpected, same }: Counts): string {
  const parts = [`${pass} passed`];
  if (host > 0) parts.push(`${host} passed with host steps`);
  if (same > 0) parts.push(`${same} same as own`);
  if (expected > 0) parts.push(`${expected} failed as expected`);
  if (fail + unexpected > 0) parts.push(`${fail + unexpected} FAILED`);
  return parts.join(", ");
}

/** One line per function and route that has results of its own; one column per dtype. */
function formatTable({ cells }: Report): string[] {
  const present = dtypes.filter((dtype) => cells.some((cell) => cell.dtype === dtype));
  const rows: string[][] = [["function", "route", ...present, "worst ulp"]];
  const byFunction = groupBy(cells, (cell) => cell.function);
  for (const [name, own] of byFunction)
    for (const route of routes) {
      const mine = own.filter((cell) => cell.route === route);
      if (mine.length === 0) continue;
      const worst = Math.max(...mine.map((cell) => cell.worstUlp));
      const entry = (dtype: DType): string => describeCell(mine.find((cell) => cell.dtype === dtype));
      rows.push([route === "own" ? name : "", headings[route], ...present.map(entry), formatUlp(worst)]);
    }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

function describeCell(cell: Cell | undefined): string {
  if (!cell) return "";
  const { pass, host, fail, expected, unexpected, same } = cell.counts;
  if (same > 0) return "=";
  const wrong = fail + unexpected;
  const ran = wrong > 0 ? `${pass}/${pass + wrong}` : String(pass);
  return `${ran}${host > 0 ? `+${host}h` : ""}${expected > 0 ? `-${expected}x` : ""}`;
}

function formatUlp(worst: number): string {
  if (worst === 0) return "0";
  return worst < 1000 ? worst.toFixed(1) : worst.toExponential(0);
}
