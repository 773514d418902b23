import { expect, test } from "vitest";
import { builtInNames, engineOf, labelOf, packageOf, splitVariant } from "./names.ts";

test.each([
  ["tfjs", "tfjs", null],
  ["tfjs:wasm", "tfjs", "wasm"],
  ["@me/acme:a-b.c", "@me/acme", "a-b.c"],
  ["C:\\b\\x.js", "C:\\b\\x.js", null],
  ["C:x", "C:x", null],
  ["file:///a/x.js", "file:///a/x.js", null],
  ["file:x", "file:x", null],
  ["file:///a/x.js:fast", "file:///a/x.js", "fast"],
  ["tfjs:", "tfjs:", null],
])("%s is %s with variant %s", (name, base, variant) => {
  expect(splitVariant(name)).toEqual({ base, variant });
});

test.each([
  ["acme", "acme"],
  ["acme/sub/x", "acme"],
  ["@me/acme/sub", "@me/acme"],
  ["@me", null],
  ["../acme", null],
  ["a b", null],
  ["https://x", null],
])("the package of %s is %s", (specifier, name) => {
  expect(packageOf(specifier)).toBe(name);
});

test("every built-in name has an engine and a label of its own", () => {
  for (const name of builtInNames) {
    expect(engineOf(name)).toEqual(expect.any(String));
    expect(labelOf(name)).not.toBe(name);
  }
  expect([engineOf("jax"), engineOf("acme"), labelOf("acme"), engineOf("constructor")]).toEqual([
    null,
    undefined,
    "acme",
    undefined,
  ]);
});
