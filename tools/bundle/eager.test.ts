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
  const written = compileAtLoad(code, offsets(code, "function double", "(y) =>"), "m");
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
  const written = compileAtLoad(code, every, "m");
  expect(written).toContain("function* count()");
  expect(written).toContain("const later = (async function later()");
  expect(await resultOf(written)).toEqual([2, 3, 4]);
});

test("methods and getters become properties that are not enumerable, private ones under a name of their own", async () => {
  const code = `import "node:path";
class Base {
  #n; #limit = 9;
  constructor(n) { this.#n = n; }
  get half() { return this.#n / 2; }
  get both() { return this.#n; }
  set both(n) { this.#n = n; }
  add(k) { return this.#step(k).#step(1); }
  #step(k) { this.#n = Math.min(this.#limit, this.#n + k); return this; }
  async later() { return this.half; }
  *each() { yield this.half; }
}
class More extends Base {
  #step(k) { return k * 100; }
  add(k) { return super.add(this.#step(k)); }
  twice(f = () => this.#step(2)) { return [f(), step(this.half)]; }
}
function step(x) { return -x; }
const more = new More(4);
export const result = [more.twice(), more.add(0.01).half, more.half, more.both, await more.later(), ...more.each(),
  Object.keys(Base.prototype), more.twice.name, Object.getOwnPropertyNames(More.prototype).includes("twice")];
`;
  const every = new Set(code.split("").keys());
  const written = compileAtLoad(code, every, "m");
  expect(written).toContain("half: (function () {");
  expect(written).toContain("step$m0: (function (k) { this.#n");
  expect(written).toContain("step$m1: (function (k) { return k * 100");
  expect(written).toContain("set both(n)");
  expect(written).toContain("super.add(this.step$m1(k))");
  const [twice, ...rest] = [await resultOf(written)].flat();
  expect([twice, ...rest]).toEqual([await resultOf(code)].flat());
  expect(twice).toEqual([200, -2]);
});

test("a module of which nothing is called stays as it is, but for a line", () => {
  const code = `const f = (x) => x;\nfunction g() {}\nexport { f, g };\n`;
  expect(compileAtLoad(code, new Set(), "m").trim()).toBe(code.trim());
});

test("code that does not parse is refused", () => {
  expect(() => compileAtLoad("const = 1", new Set(), "m")).toThrow("the bundle does not parse");
});
