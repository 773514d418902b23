import type { Backend } from "@polykeras/core";
import { type Report, makeReport } from "../report/report.ts";
import type { VectorFile } from "../vectors/format.ts";
import { loadVectors } from "../vectors/load.ts";
import { enginesOf, runCase } from "./case.ts";
import { type ExpectedFailure, indexExpected, judgeExpected, unmatched } from "./expected.ts";
import type { Result } from "./result.ts";

export interface ConformanceOptions {
  /** Names of K functions; all others are left out. */
  readonly only?: readonly string[];
  /** Known failures, by exact id, each with its reason. */
  readonly expectedFailures?: readonly ExpectedFailure[];
  /** The vectors, where they are not the ones of this package (in a browser, say). */
  readonly vectors?: readonly VectorFile[];
  /** Called after each K function. */
  readonly onProgress?: (functionName: string, results: readonly Result[]) => void;
}

/** Runs vectors one file at a time and keeps what came out. */
export class ConformanceRun {
  readonly #name: string;
  readonly #engines: ReturnType<typeof enginesOf>;
  readonly #expected: ReadonlyMap<string, string>;
  readonly #results: Result[] = [];

  constructor(backend: Backend, options: ConformanceOptions = {}) {
    this.#name = backend.name ?? "unnamed";
    this.#engines = enginesOf(backend);
    this.#expected = indexExpected(options.expectedFailures ?? []);
  }

  async run(file: VectorFile): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const of of file.cases)
      for (const result of await runCase(file, of, this.#engines))
        results.push(judgeExpected(result, this.#expected));
    this.#results.push(...results);
    return results;
  }

  /** What was found so far. Expected failures whose id nothing has count as failures. */
  report(): Report {
    return makeReport(this.#name, this.#results, unmatched(this.#expected, this.#results));
  }
}

/** Runs every vector on a backend: own kernels, forced decompositions, gradients. */
export async function runConformance(backend: Backend, options: ConformanceOptions = {}): Promise<Report> {
  const run = new ConformanceRun(backend, options);
  const files = options.vectors ?? (await loadVectors(options.only));
  for (const file of files) {
    const results = await run.run(file);
    options.onProgress?.(file.function, results);
  }
  return run.report();
}
