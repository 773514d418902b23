import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, SerializedError, TestModule, Vitest } from "vitest/node";

/**
 * Ends a run with `N passed, N failed` and leaves the same numbers in `.reports/NAME.json`.
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
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state !== "skipped") failedHere++;
      }
      failed += failedHere === 0 && !module.ok() ? 1 : failedHere;
    }
    if (passed === 0 && failed === 0) failed = 1; // nothing ran: not a pass
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, `${this.#name}.json`), JSON.stringify({ passed, failed }));
    process.on("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}
