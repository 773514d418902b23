import { expect, test } from "vitest";
import { compileAtLoad } from "./eager.ts";

/** Where each of `starts` begins. */
const offsets = (code: string, ...starts: string[]): Set<number> =>
  new Set(starts.map((start) => code.indexOf(start)));

/** What a module exports as `result`. */
async function resultOf(code: string): Promise<unknown> {
  const loaded: { result: unknown } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return loaded.result;
}

test("a function that is called goes before everything that may call it", async () => {
  const code = `import "node:path";
const table = double(21);
function double(x) { return twice(x, (y) => y + y); }
function twice(x, f) { return f(x); }
export const result = table;
`;
  const written = compileAtLoad(code, offsets(code, "function double", "(y) =>"));
  expect(written).toContain("const double = (function double(x) { return twice(x, ((y) => y + y)); });");
  expect(written).toContain("\nfunction twice(x, f)");
  expect(written.indexOf("const double")).toBeLessThan(written.indexOf("const table"));
  expect(await resultOf(written)).toBe(await resultOf(code));
});

test("functions in functions, generators, methods and classes keep their sense", async () => {
  const code = `
function outer(n) { const inner = (a) => ((b) => a + b); return inner(n)(1); }
function* count() { yield outer(1); }
async function later() { return outer(3); }
class A { method(f = (x) => x) { return f(outer(2)); } static make = () => new A(); }
export const result = [...count(), A.make().method(), await later()];
`;
  const every = new Set(code.split("").keys());
  const written = compileAtLoad(code, every);
  expect(written).toContain("function* count()");
  expect(written).toContain("const later = (async function later()");
  expect(await resultOf(written)).toEqual([2, 3, 4]);
});

test("a module of which nothing is called stays as it is, but for a line", () => {
  const code = `const f = (x) => x;\nfunction g() {}\nexport { f, g };\n`;
  expect(compileAtLoad(code, new Set()).trim()).toBe(code.trim());
});

test("code that does not parse is refused", () => {
  expect(() => compileAtLoad("const = 1", new Set())).toThrow("the bundle does not parse");
});
