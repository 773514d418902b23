import { spawn } from "node:child_process";
import { type Contender, type Measures, checkKey, medianKey } from "./bench.ts";

/** How a program is started that runs cases, and prints one line of JSON for each. */
export interface RacerOptions {
  readonly name: string;
  readonly threads: number;
  readonly command: string;
  /** For cases by their place in the workload. */
  readonly parameters: (cases: readonly number[]) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Names, in the order of the workload. */
  readonly cases: readonly string[];
}

/** A case that is silent for so many seconds is given up. */
const patience = 100;
/** Cases whose runs take more milliseconds take part in the first round only. */
const slow = 1000;

/**
 * A contender whose program is a fresh process in every round. Where a case ends the process or takes too long, the
 * others go on in another one; what failed once is not tried again.
 */
export function racer(options: RacerOptions): Contender {
  const { name, threads, cases } = options;
  const failures = new Map<string, string>();
  const done = new Set<string>();
  return {
    name,
    threads,
    failures,
    async run() {
      const measures: Record<string, number> = {};
      let left = cases.filter((of) => !done.has(of));
      while (left.length > 0) {
        const { lines, ending } = await start(options, left);
        for (const line of lines) {
          Object.assign(measures, read(line));
          if (line.failure !== undefined) failures.set(line.case, line.failure);
          if (line.best === undefined || (line.median ?? 0) > slow) done.add(line.case);
        }
        left = left.slice(lines.length);
        const [given, ...others] = left;
        if (given === undefined) break;
        if (lines.length === 0 && done.size === 0 && ending.early) throw new Error(ending.message);
        failures.set(given, ending.message);
        done.add(given);
        left = others;
      }
      return measures;
    },
  };
}

/** What the program says of a case: times in milliseconds, or why there are none. */
interface Line {
  readonly case: string;
  readonly best?: number;
  readonly median?: number;
  readonly check?: number;
  readonly failure?: string;
}

function read({ case: name, best, median, check }: Line): Measures {
  if (best === undefined || median === undefined) return {};
  const checked = typeof check === "number" && Number.isFinite(check);
  return { [name]: best, [medianKey(name)]: median, ...(checked ? { [checkKey(name)]: check } : {}) };
}

interface Ending {
  readonly message: string;
  /** It ended by itself before it said anything. */
  readonly early: boolean;
}

function start(
  { command, parameters, environment, stdin, cases }: RacerOptions,
  chosen: readonly string[],
): Promise<{ readonly lines: readonly Line[]; readonly ending: Ending }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...parameters(chosen.map((name) => cases.indexOf(name)))], {
      env: { ...process.env, ...environment },
    });
    const lines: Line[] = [];
    let [rest, errors, impatient] = ["", "", false];
    const giveUp = (): void => {
      impatient = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(giveUp, patience * 1000);
    child.stdout.on("data", (chunk) => {
      const parts = `${rest}${String(chunk)}`.split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts.filter((of) => of.startsWith('{"case"'))) {
        lines.push(JSON.parse(part));
        clearTimeout(timer);
        timer = setTimeout(giveUp, patience * 1000);
      }
    });
    child.stderr.on("data", (chunk) => {
      errors = `${errors}${String(chunk)}`.slice(-4000);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const how = signal === null ? `exit code ${code}` : signal;
      const said = /^\w*Error.*$/m.exec(errors)?.[0] ?? errors.trim().split("\n").at(-1) ?? "";
      const message = impatient ? `took more than ${patience} s` : `the process ended with ${how}: ${said}`;
      resolve({ lines, ending: { message, early: !impatient } });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin ?? "");
  });
}
