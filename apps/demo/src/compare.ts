import { colors } from "./draw/colors.ts";
import type { ProgramName, Report } from "./child.ts";
import type { Column } from "./draw/table.ts";
import { tableHead, tableRow } from "./draw/table.ts";
import { ChildFailedError, runFresh } from "./fresh.ts";

/** How one engine did: a report, or why there is none. */
export interface Attempt<Name extends ProgramName> {
  readonly engine: string;
  readonly report: Report<Name> | null;
  /** The line on stderr that names the backend. */
  readonly notice: string;
  /** The whole output of a process that failed. */
  readonly failure: string;
}

const columns: readonly Column[] = [
  { title: "backend", width: 12, align: "left" },
  { title: "seconds", width: 8, align: "right" },
  { title: "loss", width: 8, align: "right" },
  { title: "accuracy", width: 8, align: "right" },
  { title: "host steps", width: 10, align: "right" },
];

const child = new URL(import.meta.url.endsWith(".ts") ? "./child.ts" : "./child.js", import.meta.url);

/** Runs a program on each engine in turn, each in a fresh process, and writes its row as soon as it is there. */
export async function compare<Name extends ProgramName>(
  program: Name,
  engines: readonly string[],
  write: (line: string) => void,
): Promise<Attempt<Name>[]> {
  for (const line of tableHead(columns).split("\n")) write(`  ${line}`);
  const attempts: Attempt<Name>[] = [];
  for (const engine of engines) {
    const attempt = await attemptOn(program, engine);
    write(`  ${row(attempt)}`);
    if (engines.length === 1) write(`\n  ${colors.dim(attempt.notice)}`);
    attempts.push(attempt);
  }
  return attempts;
}

async function attemptOn<Name extends ProgramName>(program: Name, engine: string): Promise<Attempt<Name>> {
  try {
    const { message, output } = await runFresh(child, [program], { environment: { KERAS_BACKEND: engine } });
    if (!isReport<Name>(message)) throw new ChildFailedError("the process sent something else", output);
    return { engine, report: message, notice: /^Using .*$/m.exec(output)?.[0] ?? "", failure: "" };
  } catch (error) {
    const failure = error instanceof ChildFailedError ? `${error.message}\n${error.output}` : String(error);
    return { engine, report: null, notice: "", failure };
  }
}

/** The other end of the channel is child.ts, which sends the report of the very program it was asked to run. */
function isReport<Name extends ProgramName>(message: unknown): message is Report<Name> {
  return typeof message === "object" && message !== null && "result" in message && "hostSteps" in message;
}

function row<Name extends ProgramName>({ engine, report, failure }: Attempt<Name>): string {
  if (report === null) return tableRow(columns, [engine, colors.red(`failed: ${reason(failure)}`)]);
  const { seconds, loss, accuracy } = report.result;
  const numbers = [loss.toFixed(4), accuracy.toFixed(4), String(report.hostSteps)];
  return tableRow(columns, [colors.bold(engine), colors.cyan(seconds.toFixed(4)), ...numbers]);
}

/** The line of the output that says what went wrong. */
function reason(failure: string): string {
  return /^.*Error(?: \[\w+\])?: .*$/m.exec(failure)?.[0] ?? failure.split("\n")[0] ?? "";
}
