import { describe, expect, test } from "vitest";
import { readJson } from "./json.ts";

const value = (text: string) => readJson(`{"x": ${text}}`).members?.get("x");

describe("values", () => {
  test.each([
    ["1", 1, false],
    ["-0", -0, false],
    ["1e-07", 1e-7, true],
    ["1.0", 1, true],
    ["1E5", 1e5, true],
    ["1e999", Infinity, true],
    ["NaN", NaN, true],
    ["Infinity", Infinity, true],
    ["-Infinity", -Infinity, true],
    ["true", true, false],
    ["null", null, false],
    ['"a\\u0041\\n"', "aA\n", false],
    ["[1, {}, [[]]]", undefined, false],
    ['{"y": [1.5]}', undefined, false],
  ])("%s", (text, expected, float) => {
    expect(value(text)).toEqual({ value: expected, float, written: text, line: 1 });
  });

  test("the later of two members of one name counts, as in Python", () => {
    expect(readJson('{"x": 1,\n"x": 2.0}').members?.get("x")).toMatchObject({ value: 2, line: 2 });
  });

  test("lines are those of the names, in files of either line ending", () => {
    const { members } = readJson('\r\n{\r\n  "a": 1,\r\n  "b":\r\n    2\r\n}\r\n');
    expect([members?.get("a")?.line, members?.get("b")?.line]).toEqual([3, 4]);
  });

  test("a root that is no object is told apart, with its line and text", () => {
    expect(readJson("\n[1, 2]")).toEqual({ members: undefined, written: "[1, 2]", line: 2 });
    expect(readJson("null").members).toBeUndefined();
    expect(readJson("{}").members?.size).toBe(0);
  });
});

test.each([
  ["", 1],
  ["{", 1],
  ["{}\n{}", 2],
  ['{"a": 1,}', 1],
  ["{'a': 1}", 1],
  ['{"a" 1}', 1],
  ['{"a": 01}', 1],
  ['{"a": .5}', 1],
  ['{"a": 1.}', 1],
  ['{"a": +1}', 1],
  ['{"a": nan}', 1],
  ['{"a": "\t"}', 1],
  ['{"a": "\\x"}', 1],
  ['{\n\n"a": [1 2]}', 3],
  ["\uFEFF{}", 1],
  ["// comment\n{}", 1],
  [`{"a": ${"[".repeat(5000)}${"]".repeat(5000)}}`, 1],
])("Python's json refuses %j too", (text, line) => {
  expect(() => readJson(text)).toThrow(SyntaxError);
  expect(() => readJson(text)).toThrow(`line ${line}:`);
});
