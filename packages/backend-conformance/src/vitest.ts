import type { Backend, MaybePromise } from "@polykeras/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "./report/report.ts";
import { formatReport } from "./report/text.ts";
import { sample } from "./run/draw.ts";
import { isFailure } from "./run/result.ts";
import { type ConformanceOptions, ConformanceRun } from "./run/run.ts";
import { select } from "./run/select.ts";
import { loadSuite } from "./suite.ts";

export interface DescribeOptions extends ConformanceOptions {
  /** Prints the report with its table at the end; failures are in the tests' messages in any case. */
  readonly print?: boolean;
  /** What is wrong with the report once all parts have run, a line each: with what ran where, say. */
  readonly check?: (report: Report) => readonly string[];
}

/** Milliseconds for one part, with all of its cases, on a software rasteriser on a busy machine. */
const timeout = 600_000;

/**
 * Declares one vitest test per part of the suite (a K function with all of its vectors, a training, a check of
 * behaviour) on a backend, and one for the list of expected failures. `backend` may be a function that makes it.
 */
export function describeBackend(
  name: string,
  backend: Backend | (() => MaybePromise<Backend>),
  options: DescribeOptions = {},
): void {
  describe(`conformance of ${name}`, async () => {
    const suite = await loadSuite(options);
    const { parts: all } = select(suite, options.only, options.level ?? 4);
    const parts = sample(all, options.every ?? 1);
    let run: ConformanceRun | undefined;
    beforeAll(async () => {
      run = new ConformanceRun(typeof backend === "function" ? await backend() : backend, suite, options);
    });
    test.each(parts.map((part) => [part.name, part] as const))("%s", { timeout }, async (_name, part) => {
      const results = await run!.run(part);
      expect(results.filter(isFailure).map(({ id, message }) => `${id}\n  ${message}`)).toEqual([]);
    });
    test("every expected failure names a result", () => {
      expect(run!.report().unmatched).toEqual([]);
    });
    test.each(options.check ? [options.check] : [])("the report", (check) => {
      expect(check(run!.report())).toEqual([]);
    });
    afterAll(() => {
      if (options.print && run) console.log(formatReport(run.report()));
    });
  });
}
