/**
 * The whole conformance suite, with random calls, on each path of backend-cpu in turn: `npm run test:paths`. Options:
 * `--fuzz N` random calls of each op (100), `--seed N` where they start (2), `--only TEXT` paths whose name has the text,
 * `--report FILE` writes a report. Leaves the counts in .reports/paths.json. A path that was not taken counts as failed.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { runConformance } from "@polykeras/backend-conformance";
import { configure } from "@polykeras/core";
import { type Path, flagsOf, force, missed, paths } from "../packages/backend-cpu/src/fixtures/paths.ts";

const { values } = parseArgs({
  options: {
    fuzz: { type: "string", default: "100" },
    seed: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    report: { type: "string" },
    /** Runs one path in this process, by its index. */
    path: { type: "string" },
    json: { type: "string" },
  },
});
const root = join(import.meta.dirname, "..");
const folder = join(root, ".reports/paths");

/** What the run of a path found. */
interface Outcome {
  readonly passed: number;
  readonly host: number;
  /** Results that are other than the vectors' for a reason of the path's. */
  readonly excused: number;
  readonly failures: readonly string[];
  readonly functions: number;
  readonly claimed: readonly number[];
  readonly seconds: number;
}

async function runPath(of: Path): Promise<Outcome> {
  configure({ notice: false, floatx: of.floatx });
  const forced = force(of);
  const properties = { runs: Number(values.fuzz), seed: Number(values.seed) };
  const { results, failures, seconds } = await runConformance(forced.backend, { properties });
  const excused = failures.filter(({ message }) => of.excuses.some((excuse) => excuse.message.test(message)));
  const unused = of.excuses.filter((excuse) => !failures.some(({ message }) => excuse.message.test(message)));
  const count = (status: string): number => results.filter((result) => result.status === status).length;
  const outcome = {
    passed: count("pass"),
    host: count("host"),
    excused: excused.length,
    failures: [
      ...failures
        .filter((failure) => !excused.includes(failure))
        .map(({ id, message }) => `${id}: ${message}`),
      ...unused.map(({ reason }) => `nothing differs because ${reason}`),
      ...missed(of, forced).map((text) => `the path was not taken: ${text}`),
    ],
    functions: forced.keys.size,
    claimed: forced.engine.threads().claimed,
    seconds,
  };
  forced.engine.dispose();
  return outcome;
}

/** A line of V8's trace for a group of pairs that it has joined, since that saves more than it costs. */
const joining = /DecideVectorize \d+: Save: (\d+), cost: (\d+)/;

interface Row extends Outcome {
  readonly path: Path;
  /** Groups of pairs that V8 joined. */
  readonly joined: number;
}

/** Runs a path in a process of its own. */
async function spawnPath(index: number): Promise<Row> {
  const of = paths[index]!;
  const json = join(folder, `${index}.json`);
  const args = [
    "--conditions=@polykeras/source",
    ...flagsOf(of),
    import.meta.filename,
    "--path",
    String(index),
  ];
  const options = ["--json", json, "--fuzz", values.fuzz, "--seed", values.seed];
  const child = spawn(process.execPath, [...args, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  let joined = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const [, saved = "0", cost = "0"] = joining.exec(line) ?? [];
    if (Number(saved) > Number(cost)) joined++;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const none = { passed: 0, host: 0, excused: 0, functions: 0, claimed: [], seconds: 0 };
  const outcome: Outcome =
    code === 0
      ? JSON.parse(readFileSync(json, "utf8"))
      : { ...none, failures: [`the process ended with ${String(code)}`] };
  const wrong = flagsOf(of).length > 0 && joined === 0 ? ["the path was not taken: V8 joined no pairs"] : [];
  return { ...outcome, failures: [...outcome.failures, ...wrong], path: of, joined };
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ path, passed, host, excused, failures, functions, claimed, joined, seconds }) => [
    path.name,
    passed,
    host,
    excused,
    failures.length,
    functions,
    claimed.join(" + "),
    joined || "",
    seconds.toFixed(0),
  ]);
  const head = ["path", "passed", "core's", "excused", "failed", "functions", "chunks", "joined", "seconds"];
  const line = (list: readonly unknown[]): string => `| ${list.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "--:"))), ...cells.map(line)].join("\n");
}

function reportOf(rows: readonly Row[]): string {
  const excuses = rows.flatMap(({ path, excused }) =>
    path.excuses.map(
      ({ reason }) => `- ${path.name}: ${excused} results differ from the vectors: ${reason}.`,
    ),
  );
  return `# Report: backend-cpu with every code path forced

Made by \`npm run test:paths -- --fuzz ${values.fuzz} --seed ${values.seed} --report FILE\` on Node ${process.versions.node} (V8 ${process.versions.v8}), ${process.platform} ${process.arch},
${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown kind"}. Each path runs the whole conformance suite (all vectors forward, decomposed and backward, trainings,
behaviour) and ${values.fuzz} random calls of each op, in a process of its own.

${table(rows)}

- "as chosen" is the engine as users have it; the others move the bounds by which it chooses (packages/backend-cpu/src/choices.ts), so that operands of any size take the code.
- "core's": right, but computed by core, on every engine. "functions": those that were emitted; each path fails unless functions of the kinds that it forces were among them.
- Tiles, packing, blocks, rows, epilogues and threads must give the bits of the engine as chosen, with as much fusing, on one thread: it runs beside them.
- "chunks": claimed by each thread, the calling one first. With several threads all is shared that can be, whether it pays or not; each thread must claim some, and all workers be there.
- "joined": groups of pairs of 128-bit instructions that V8 made 256-bit ones of, by its own trace, with the optimising compiler alone.
${excuses.join("\n")}
`;
}

if (values.path !== undefined && values.json !== undefined) {
  writeFileSync(values.json, JSON.stringify(await runPath(paths[Number(values.path)]!)));
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const rows: Row[] = [];
  const queue = paths.flatMap(({ name }, i) => (name.includes(values.only) ? [i] : []));
  const work = async (): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      const row = await spawnPath(index);
      rows.push(row);
      console.log(`${row.path.name}: ${row.passed} passed, ${row.failures.length} failed`);
      for (const failure of row.failures) console.log(`  ${failure}`);
    }
  };
  await Promise.all([work(), work()]);
  rows.sort((a, b) => paths.indexOf(a.path) - paths.indexOf(b.path));
  console.log(table(rows));
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const total = { passed: sum(({ passed }) => passed), failed: sum(({ failures }) => failures.length) };
  writeFileSync(join(root, ".reports/paths.json"), JSON.stringify(total));
  if (values.report !== undefined) writeFileSync(values.report, reportOf(rows));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}
