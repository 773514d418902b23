import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Attempt } from "./compare.ts";
import { compare } from "./compare.ts";
import { colors } from "./draw/colors.ts";
import { drawCurve } from "./draw/curve.ts";
import { drawDigits } from "./draw/digits.ts";
import type { Machine } from "./engines.ts";
import { machine } from "./engines.ts";

// `npm start`: two programs, each on every engine of this machine, each time in a fresh process.
// `--picture FILE.svg` also saves what the terminal shows.

/** Every engine must learn to tell so many of the digits; else the demo fails. */
const wanted = 0.96;

const lines: string[] = [];

try {
  await show(await machine(process.env));
} catch (error) {
  // The configuration's errors say what to correct; a stack would hide it.
  console.error(`\n${String(error)}\n`);
  process.exitCode = 1;
}

const picture = process.argv.indexOf("--picture");
if (picture > 0) {
  const { toSvg } = await import("./draw/svg.ts");
  await writeFile(process.argv[picture + 1] ?? "demo.svg", toSvg(lines));
}

async function show({ engines, devices, inForce, why }: Machine): Promise<void> {
  write(`\n  ${colors.bold(colors.cyan("polykeras"))}  one Keras model, every engine of this machine`);
  const host = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  write(`  ${colors.dim(`${host}; each row is a process of its own`)}`);
  write(`  ${colors.dim(`in force where a program names no backend: ${inForce} (${why})`)}`);
  for (const line of devices) write(`  ${colors.dim(line)}`);

  heading(
    "The MLP of the article that compares Keras's backends",
    "20 > 64 > 64 > 1 with dropout, 1,000 samples of noise, 20 epochs; build, compile, fit and evaluate",
  );
  const mlps = await compare("mlp", engines, write);

  heading(
    "Handwritten digits",
    "64 > 64 > 10 on 1,541 pictures of the UCI collection, 20 epochs; loss and accuracy on 256 others",
  );
  const learned = await compare("digits", engines, write);
  draw(learned);
  write();

  const failures = [
    ...[...mlps, ...learned].filter(({ report }) => report === null),
    ...learned.flatMap(({ engine, report }) => {
      const accuracy = report?.result.accuracy ?? 1;
      if (accuracy >= wanted) return [];
      return { engine, failure: `learned the digits to an accuracy of ${accuracy}, expected ${wanted}` };
    }),
  ];
  for (const { engine, failure } of failures) console.error(colors.red(`\n  ${engine}: ${failure}\n`));
  if (failures.length > 0) process.exitCode = 1;
}

/** What the first engine learned, which is what all of them learned. */
function draw(attempts: readonly Attempt<"digits">[]): void {
  const [shown] = attempts.flatMap(({ engine, report }) => (report === null ? [] : [{ engine, report }]));
  if (shown === undefined) return;
  heading("Training loss by epoch", spread(attempts));
  write(drawCurve(shown.report.result.losses));
  heading("Pictures that it never saw", `what ${shown.engine} says they are, and how sure it is`);
  write(drawDigits(shown.report.result.samples));
}

/** How far the engines are apart: one program and one seed give one curve. */
function spread(attempts: readonly Attempt<"digits">[]): string {
  const curves = attempts.flatMap(({ report }) => (report === null ? [] : [report.result.losses]));
  const [first = []] = curves;
  const apart = Math.max(
    ...curves.flatMap((curve) => curve.map((loss, epoch) => Math.abs(loss / (first[epoch] ?? loss) - 1))),
  );
  if (curves.length < 2) return "one seed gives this curve on every engine";
  return `one seed, one curve: at most a relative ${apart.toExponential(1)} between the ${curves.length} engines`;
}

function write(text = ""): void {
  lines.push(...text.split("\n"));
  console.log(text);
}

function heading(title: string, details: string): void {
  write(`\n  ${colors.bold(title)}\n  ${colors.dim(details)}\n`);
}
