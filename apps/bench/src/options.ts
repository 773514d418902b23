import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  /** Names of benches; null for all. */
  readonly only: readonly string[] | null;
  readonly rounds: number;
  readonly threads: readonly number[];
  /** Whether time counts, or the time of the processor. */
  readonly clock: "wall" | "cpu";
  readonly python: string | null;
  readonly peers: boolean;
  readonly json: string | null;
  readonly write: boolean;
}

/** Throws a TypeError or RangeError that says what is wrong; null where help is asked for. */
export function readOptions(parameters: readonly string[], names: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      threads: { type: "string", default: availableParallelism() > 1 ? "1,2" : "1" },
      clock: { type: "string", default: "wall" },
      python: { type: "string" },
      peers: { type: "boolean", default: false },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const only = values.only?.split(",") ?? null;
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new RangeError(`--only: there is no bench ${unknown.join(", ")}; there are ${names.join(", ")}`);
  const { clock } = values;
  if (clock !== "wall" && clock !== "cpu") throw new RangeError(`--clock is wall or cpu, not ${clock}`);
  return {
    only,
    clock,
    rounds: count("--rounds", values.rounds),
    threads: values.threads.split(",").map((text) => count("--threads", text)),
    python: values.python ?? null,
    peers: values.peers,
    json: values.json ?? null,
    write: values.write,
  };
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${option} takes whole numbers from 1, not ${text}`);
  return value;
}

/** What `--help` shows. */
export function usage(names: readonly string[]): string {
  return `npm run bench -- [options]
  --only NAMES    some benches, with commas between: ${names.join(", ")};
                  those of chromium, which they need, only run when they are named
  --rounds N      how often each contender runs (default 3)
  --threads LIST  numbers of threads to race with (default 1,2; 1 on a machine of one core)
  --clock cpu     counts the processor's time instead, for races with one thread on a busy machine
  --peers         first installs ONNX Runtime (290 MB) in the user's cache, where later runs find it
  --python PATH   a Python, of whose TensorFlow 2.15, PyTorch and NumPy those take part that it has
  --json FILE     saves every single measurement
  --write         puts the tables into docs/performance.md; those of benches that did not run stay`;
}
