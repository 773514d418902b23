import { expect, test } from "vitest";
import { memoryHost } from "./fixtures/memory-host.ts";
import { printNotice } from "./notice.ts";
import { resolveConfig } from "./resolve.ts";

test("a line is printed once", () => {
  const host = memoryHost();
  const settings = resolveConfig(host);
  const printed = new Set<string>();
  for (const line of ["Using CPU backend.", "Using GPU backend.", "Using CPU backend."]) {
    printNotice(line, settings, host, printed);
  }
  expect(host.lines).toEqual(["Using CPU backend.", "Using GPU backend."]);
});

test("once in a process, whichever copy of the package prints", () => {
  const host = memoryHost();
  const settings = resolveConfig(host);
  const line = "Using the backend of this test.";
  printNotice(line, settings, host);
  printNotice(line, settings, memoryHost());
  expect(host.lines).toEqual([line]);
  expect(Reflect.get(globalThis, Symbol.for("polykeras.notices"))).toContain(line);
});

test("POLYKERAS_SILENT and configure silence it, code having the last word", () => {
  const host = memoryHost({ env: { POLYKERAS_SILENT: "1" } });
  const settings = resolveConfig(host);
  printNotice("a", settings, host, new Set());
  settings.configure({ notice: true });
  printNotice("b", settings, host, new Set());
  settings.configure({ notice: false });
  printNotice("c", settings, host, new Set());
  expect(host.lines).toEqual(["b"]);
});
