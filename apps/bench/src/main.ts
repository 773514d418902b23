import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import type { BenchOptions } from "./bench.ts";
import { benches } from "./benches/index.ts";
import { measure } from "./harness.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { onnxRuntime, pythonPackages } from "./peers.ts";
import { mergeSections, replaceBetweenMarkers, textBetweenMarkers, toMarkdown } from "./report.ts";
import { toSummary } from "./summary.ts";
import { clockVariable } from "./timing.ts";

const names = benches.map(({ name }) => name);
const options = readOptions(process.argv.slice(2), names);

if (options === null) console.log(usage(names));
else await runAll(options);

async function runAll(asked: Options): Promise<void> {
  const { only, rounds, threads, clock, python, peers, json, write } = asked;
  // Contenders inherit it.
  process.env[clockVariable] = clock;
  const run: BenchOptions = {
    threads,
    python,
    pythonPackages: python === null ? [] : await pythonPackages(python),
    onnxRuntime: await onnxRuntime(peers),
  };
  if (run.onnxRuntime === null)
    console.error("ONNX Runtime is not installed, and left out: --peers installs it.");
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores of ${cpus()[0]?.model ?? "an unknown kind"}`;
  const results: object[] = [];
  const sections: string[] = [];
  for (const bench of benches.filter(({ name, isOnRequest }) => only?.includes(name) ?? !isOnRequest)) {
    const outcomes = await measure(bench, run, rounds, console.error);
    const section = `${toMarkdown(bench, outcomes)}\n\nMeasured on ${machine}; ${rounds} rounds, the contenders in turn${clock === "cpu" ? "; races by the processor's time" : ""}.`;
    console.log(`\n${section}`);
    sections.push(section);
    results.push({ name: bench.name, summary: toSummary(bench, outcomes), outcomes });
    const ours = outcomes.filter(({ contender }) => contender.startsWith("polykeras"));
    if (ours.some(({ error, failures }) => error !== null || Object.keys(failures).length > 0))
      process.exitCode = 1;
    // After each bench: a run that is ended early keeps what it has.
    if (json !== null) await writeFile(json, `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
  }
  if (write) {
    const page = new URL("../../../docs/performance.md", import.meta.url);
    const text = await readFile(page, "utf8");
    const order = benches.map(({ title }) => title);
    await writeFile(
      page,
      replaceBetweenMarkers(text, mergeSections(textBetweenMarkers(text), sections, order)),
    );
  }
}
