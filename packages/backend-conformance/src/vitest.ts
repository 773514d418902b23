import type { Backend, MaybePromise } from "@polykeras/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatReport } from "./report/text.ts";
import { isFailure } from "./run/result.ts";
import { type ConformanceOptions, ConformanceRun } from "./run/run.ts";
import { loadVectors } from "./vectors/load.ts";

export interface DescribeOptions extends ConformanceOptions {
  /** Prints the report with its table at the end; failures are in the tests' messages in any case. */
  readonly print?: boolean;
}

/**
 * Declares one vitest test per K function that runs all of its vectors on a backend, and one for the list of
 * expected failures. `backend` may be a function that makes it.
 */
export function describeBackend(
  name: string,
  backend: Backend | (() => MaybePromise<Backend>),
  options: DescribeOptions = {},
): void {
  describe(`conformance of ${name}`, async () => {
    const files = options.vectors ?? (await loadVectors(options.only));
    let run: ConformanceRun | undefined;
    beforeAll(async () => {
      run = new ConformanceRun(typeof backend === "function" ? await backend() : backend, options);
    });
    test.each(files.map((file) => [file.function, file] as const))("%s", async (_name, file) => {
      const results = await run!.run(file);
      expect(results.filter(isFailure).map(({ id, message }) => `${id}\n  ${message}`)).toEqual([]);
    });
    test("every expected failure names a result", () => {
      expect(run!.report().unmatched).toEqual([]);
    });
    afterAll(() => {
      if (options.print && run) console.log(formatReport(run.report()));
    });
  });
}
