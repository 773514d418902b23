import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import pc from "picocolors";
import type { Attempt } from "./compare.ts";
import { compare } from "./compare.ts";
import { drawCurve } from "./draw/curve.ts";
import { drawDigits } from "./draw/digits.ts";
import { machine } from "./engines.ts";

// `npm start`: two programs, each on every engine of this machine, each time in a fresh process.
// `--picture FILE.svg` also saves what the terminal shows.

const lines: string[] = [];
function write(text = ""): void {
  lines.push(...text.split("\n"));
  console.log(text);
}

function heading(title: string, details: string): void {
  write(`\n  ${pc.bold(title)}\n  ${pc.dim(details)}\n`);
}

const { engines, inForce, why } = machine(process.env);
write(`\n  ${pc.bold(pc.cyan("polykeras"))}  one Keras model, every engine of this machine`);
write(
  `  ${pc.dim(`Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`)}`,
);
write(`  ${pc.dim(`a program that names no backend runs on ${inForce} here: ${why}`)}`);

heading(
  "The MLP of the article that compares Keras's backends",
  "20 > 64 > 64 > 1 with dropout, 1,000 random samples, 20 epochs; building, compiling, fit and evaluate",
);
const mlps = await compare("mlp", engines, write);

heading(
  "Handwritten digits",
  "64 > 64 > 10 on 1,541 pictures of the UCI collection, 20 epochs; loss and accuracy on 256 others",
);
const learned = await compare("digits", engines, write);

const [shown] = learned.flatMap(({ engine, report }) =>
  report === null ? [] : [{ engine, ...report.result }],
);
if (shown !== undefined) {
  heading("Training loss by epoch", spread(learned));
  write(drawCurve(shown.losses));
  heading("Ten pictures that it never saw", `predictions of ${shown.engine}, and how sure it is`);
  write(drawDigits(shown.samples));
}
write();

const failed = [...mlps, ...learned].filter(({ report }) => report === null);
for (const { engine, failure } of failed) console.error(pc.red(`\n  ${engine} failed: ${failure}\n`));
if (failed.length > 0) process.exitCode = 1;

const picture = process.argv.indexOf("--picture");
if (picture > 0) {
  const { toSvg } = await import("./draw/svg.ts");
  await writeFile(process.argv[picture + 1] ?? "demo.svg", toSvg(lines));
}

/** How far the engines are apart: one program and one seed give one curve. */
function spread(attempts: readonly Attempt<"digits">[]): string {
  const curves = attempts.flatMap(({ report }) => (report === null ? [] : [report.result.losses]));
  const [first = []] = curves;
  const apart = Math.max(
    ...curves.flatMap((curve) => curve.map((loss, epoch) => Math.abs(loss / (first[epoch] ?? loss) - 1))),
  );
  if (curves.length < 2) return "one seed gives this curve on every engine";
  return `the curves of ${curves.length} engines lie within a relative ${apart.toExponential(1)} of each other`;
}
