import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node";

/**
 * Ends a run with `N passed, N failed` and leaves the same numbers in `.reports/NAME.json`, with what failed:
 * the full names of tests and the first line of each error.
 * A file that did not load, a test that never ran to its end and an unhandled error count as failures;
 * a skipped test counts as neither.
 */
export default class SummaryReporter implements Reporter {
  readonly #name: string;
  #folder = ".reports";

  constructor(options: { name: string }) {
    this.#name = options.name;
  }

  onInit(vitest: Vitest): void {
    this.#folder = join(vitest.config.root, ".reports");
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandled.length;
    const failures = unhandled.map((error) => `unhandled: ${firstLine([error])}`);
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state !== "skipped") {
          failedHere++;
          failures.push(`${module.relativeModuleId} > ${test.fullName}: ${firstLine(test.result().errors)}`);
        }
      }
      if (failedHere === 0 && !module.ok()) {
        failedHere = 1;
        failures.push(`${module.relativeModuleId}: ${firstLine(module.errors())}`);
      }
      failed += failedHere;
    }
    if (passed === 0 && failed === 0) failed = 1; // nothing ran: not a pass
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, `${this.#name}.json`), JSON.stringify({ passed, failed, failures }));
    process.on("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}

const firstLine = (errors: readonly { message: string }[] | undefined): string =>
  errors?.[0]?.message.split("\n", 1)[0] ?? "did not end";
