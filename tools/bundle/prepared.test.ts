import { expect, test } from "vitest";
import { withPrepared } from "./prepared.ts";

const place = `const prepared = {\n\tchoices: "",\n\tbodies: ""\n};`;

test("prepared code takes the place of none", () => {
  const code = `{"choices":"a","bodies":"\\n$&\\tAAE="}`;
  expect(withPrepared(`f();\n${place}\ng();`, code)).toBe(`f();\nconst prepared = ${code};\ng();`);
});

test("a bundle without that place, or with two, is refused", () => {
  expect(() => withPrepared("f();", "{}")).toThrow("0 places");
  expect(() => withPrepared(place + place, "{}")).toThrow("2 places");
});
