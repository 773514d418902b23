/**
 * Runs the conformance vectors on every engine that runs in Node and writes docs/backends.md:
 * `npx -y pnpm@12.21.0 run docs:backends`.
 */
import { renameSync, writeFileSync } from "node:fs";
import { type Counts, type Report, formatReport, runConformance } from "@polykeras/backend-conformance";
import { configure, openBackend } from "@polykeras/core";

const engines = ["cpu", "reference", "tfjs:wasm", "tfjs:cpu", "gpu:webasm"] as const;
configure({ notice: false });

const reports = new Map<string, Report>();
for (const name of engines) {
  const report = await runConformance(await openBackend(name));
  if (!report.ok) console.error(formatReport(report));
  reports.set(name, report);
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const add = (a: Counts, b: Counts): Counts => ({
  pass: a.pass + b.pass,
  host: a.host + b.host,
  fail: a.fail + b.fail,
  expected: a.expected + b.expected,
  unexpected: a.unexpected + b.unexpected,
  same: a.same + b.same,
});
const none: Counts = { pass: 0, host: 0, fail: 0, expected: 0, unexpected: 0, same: 0 };

function show({ pass, host, fail, expected, unexpected, same }: Counts): string {
  const parts = [`${pass}`];
  if (host > 0) parts.push(`+ ${host} h`);
  if (same > 0) parts.push(`(${same} =)`);
  if (expected > 0) parts.push(`- ${expected} x`);
  if (fail + unexpected > 0) parts.push(`**${fail + unexpected} failed**`);
  return parts.join(" ");
}

function cellOf(report: Report, name: string): string {
  const cells = report.cells.filter((cell) => cell.function === name);
  const counts = cells.map((cell) => cell.counts).reduce(add, none);
  const worst = Math.max(
    0,
    ...cells
      .filter((cell) => cell.dtype === "float32" && cell.route !== "gradient")
      .map((cell) => cell.worstUlp),
  );
  return `${show(counts)}${worst > 0 ? `, ${worst.toPrecision(2)} ulp` : ""}`;
}

const names = [
  ...new Set([...reports.values()].flatMap(({ cells }) => cells.map((cell) => cell.function))),
].toSorted();
const table = [row(["function", ...engines]), row(["---", ...engines.map(() => "---")])];
for (const name of names)
  table.push(row([`\`${name}\``, ...engines.map((engine) => cellOf(reports.get(engine)!, name))]));

const totals = [row(["", ...engines]), row(["---", ...engines.map(() => "---")])];
for (const [route, label] of [
  ["own", "own kernels"],
  ["decomposed", "decomposed"],
  ["gradient", "gradients"],
] as const)
  totals.push(row([label, ...engines.map((engine) => show(reports.get(engine)!.totals[route]))]));

const hosted = engines.flatMap((engine) =>
  reports
    .get(engine)!
    .hosted.map(
      ({ reason, ops, results }) => `- \`${engine}\`, ${results} results: ${reason} (${ops.join(", ")})`,
    ),
);
const kernels = engines.map(
  (engine) => `- \`${engine}\`: ${reports.get(engine)!.ownKernels.join(", ") || "none"}`,
);

const text = `# Backends

What the conformance vectors, computed by Keras 2.15, say of each engine that runs in Node. Made by \`npx -y pnpm@12.21.0 run docs:backends\`; the tests run the same vectors.

A number counts results that passed on the engine itself; \`+ 3 h\`: three more passed with steps on a host engine; \`(5 =)\`: five are the same as the engine's own run,
because it has no kernel of its own; \`- 1 x\`: one failed as expected, with a reason in the tests. The distance is the largest one in float32, forward, in units in the last place.

${totals.join("\n")}

## Composites that an engine runs with kernels of its own

${kernels.join("\n")}

## What runs on a host engine, and why

${hosted.join("\n") || "Nothing."}

## Functions

${table.join("\n")}
`;
writeFileSync("docs/backends.md.new", text);
renameSync("docs/backends.md.new", "docs/backends.md");
process.exitCode = [...reports.values()].every(({ ok }) => ok) ? 0 : 1;
