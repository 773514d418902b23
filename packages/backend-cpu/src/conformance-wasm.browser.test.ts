import { pageSuite } from "../../backend-conformance/src/fixtures/page-suite.ts";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { canCompileWebAssembly } from "@polykeras/core";
import { expect, inject, test } from "vitest";
import { create } from "./engine.ts";

test("the page is isolated, or is not, as the project says", () => {
  expect(globalThis.crossOriginIsolated).toBe(inject("isolated"));
});

describeBackend("cpu", () => create(), {
  ...pageSuite,
  every: inject("every"),
  print: inject("every") === 1,
  // All is compiled but what core computes itself.
  check: ({ ops, hosted }) => [
    ...(canCompileWebAssembly() === true ? [] : ["nothing was compiled"]),
    ...ops
      .filter(({ place }) => place === "host")
      .map(({ op, reason }) => `${op} is not the engine's: ${reason}`),
    ...hosted.map(({ reason }) => reason).filter((reason) => !reason.startsWith("core computes it")),
  ],
});
