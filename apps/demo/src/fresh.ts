import { fork } from "node:child_process";

/** How a process ended that should have sent its result. */
export class ChildFailedError extends Error {
  override readonly name = "ChildFailedError";
  /** What it wrote to stdout and stderr. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

export interface FreshOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** After so long it is ended, and has failed. */
  readonly seconds?: number;
}

export interface FreshRun {
  readonly message: unknown;
  /** What it wrote to stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a module of this repository in a process of its own, with nothing loaded or compiled before, and gives the first
 * message that it sends with `process.send`, and what it wrote. The process takes the options of this one: packages are
 * read from source if they are so here. Throws ChildFailedError.
 */
export function runFresh(
  module: URL,
  parameters: readonly string[],
  { environment = {}, seconds = 120 }: FreshOptions = {},
): Promise<FreshRun> {
  return new Promise((resolve, reject) => {
    const child = fork(module, parameters, {
      env: { ...process.env, ...environment },
      silent: true,
    });
    let output = "";
    const keep = (chunk: unknown): void => {
      output += String(chunk);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    const messages: unknown[] = [];
    child.on("message", (message) => messages.push(message));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && messages.length > 0) return resolve({ message: messages[0], output: output.trim() });
      const ending = signal === null ? `with exit code ${code}` : `by ${signal} (limit: ${seconds} s)`;
      reject(new ChildFailedError(`the process ended ${ending} and sent no result`, output.trim()));
    });
  });
}
