import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benches } from "./benches/index.ts";
import { measure } from "./harness.ts";
import { replaceBetweenMarkers, toMarkdown } from "./report.ts";

const usage = `npm run bench -- [options]
  --only NAME     one bench: ${benches.map(({ name }) => name).join(", ")}
  --rounds N      how often each contender runs (default 5)
  --python PATH   a Python with Keras 2.15 on TensorFlow, to take part
  --json FILE     saves every single measurement
  --write         puts the tables into docs/performance.md`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    python: { type: "string" },
    json: { type: "string" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const chosen = benches.filter(({ name }) => values.only === undefined || values.only === name);
const rounds = Number(values.rounds);

if (values.help || chosen.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 1;
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores of ${cpus()[0]?.model ?? "an unknown kind"}`;
  const results: { name: string; outcomes: unknown }[] = [];
  const sections = [`Measured on ${machine}; ${rounds} rounds, the contenders in turn.`];
  for (const bench of chosen) {
    const outcomes = await measure(bench, { python: values.python ?? null }, rounds, console.error);
    const section = toMarkdown(bench, outcomes);
    console.log(`\n${section}`);
    sections.push(section);
    results.push({ name: bench.name, outcomes });
    if (outcomes.some(({ error }) => error !== null)) process.exitCode = 1;
  }
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
  }
  if (values.write) {
    const page = new URL("../../../docs/performance.md", import.meta.url);
    await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), sections.join("\n\n")));
  }
}
