import { pageSuite } from "../../backend-conformance/src/fixtures/page-suite.ts";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { create as createReference } from "@polykeras/backend-reference";
import { configure, registerBackend } from "@polykeras/core";
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threaded from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { expect, inject, test } from "vitest";
import { create } from "./engine.ts";

configure({ notice: false });
registerBackend("reference", () => createReference());

const wasmPaths = {
  "tfjs-backend-wasm.wasm": plain,
  "tfjs-backend-wasm-simd.wasm": simd,
  "tfjs-backend-wasm-threaded-simd.wasm": threaded,
};

// The browser remembers the first 250 alone; the test's own modules are more.
performance.setResourceTimingBufferSize(10_000);

/** The binaries that the page has fetched; `?url` imports are scripts. */
const fetched = (): string[] =>
  performance
    .getEntriesByType("resource")
    .filter((entry) => entry instanceof PerformanceResourceTiming && entry.initiatorType === "fetch")
    .flatMap(({ name }) => /tfjs-backend-wasm[a-z-]*\.wasm/.exec(name) ?? []);

/** The binary with threads, which share memory, is for isolated pages. */
function binaryProblems(): string[] {
  const wanted = inject("isolated") ? "tfjs-backend-wasm-threaded-simd.wasm" : "tfjs-backend-wasm-simd.wasm";
  const others = fetched().filter((binary) => binary !== wanted);
  return [
    ...(fetched().includes(wanted) ? [] : [`${wanted} did not run`]),
    ...others.map((binary) => `${binary} ran, not ${wanted}`),
  ];
}

test("the page is isolated, or is not, as the project says", () => {
  expect(globalThis.crossOriginIsolated).toBe(inject("isolated"));
});

describeBackend("tfjs:wasm", () => create({ variant: "wasm", wasmPaths }), {
  ...pageSuite,
  every: inject("every"),
  print: inject("every") === 1,
  check: ({ hosted }) => [
    ...binaryProblems(),
    ...hosted
      .map(({ reason }) => reason)
      .filter((reason) => !/^(dtype|rank) |^core computes it/.test(reason)),
  ],
});
