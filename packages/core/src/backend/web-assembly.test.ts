import { expect, test } from "vitest";
import { canCompileWebAssembly, tryCompiling } from "./web-assembly.ts";

test("Node compiles", () => {
  expect(canCompileWebAssembly()).toBe(true);
  expect(tryCompiling((bytes) => new WebAssembly.Module(bytes))).toBe(true);
});

test("a page whose policy forbids it is told the directive, and what the browser said", () => {
  const answer = tryCompiling(() => {
    throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  });
  expect(answer).toContain("add 'wasm-unsafe-eval' to the directive script-src");
  expect(answer).toContain("(Wasm code generation disallowed by embedder)");
});

test("where there is no WebAssembly, it says that", () => {
  expect(tryCompiling(undefined)).toContain("there is no WebAssembly");
});
