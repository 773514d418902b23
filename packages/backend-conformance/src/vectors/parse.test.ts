import { expect, test } from "vitest";
import { isTensor } from "./format.ts";
import { loadVectors } from "./load.ts";
import { parseVectors } from "./parse.ts";

function file(tensor: object, more: object = {}): string {
  const output = { dtype: "float32", shape: [], data: [1] };
  const tolerance = { rule: "ulp", float16: 1, float32: 2, float64: 3 };
  const cases = [{ id: "f/case", dtype: "float32", args: [tensor, 2, ["Infinity", null]], output }];
  return JSON.stringify({ format: 1, function: "f", oracle: "none", tolerance, cases, ...more });
}

function dataOf(tensor: object): number[] {
  const [argument] = parseVectors(file(tensor), "f.json").cases[0]!.args;
  return isTensor(argument!) ? Array.from(argument.data) : [];
}

test("numbers that JSON lacks go by name", () => {
  const data = [1, "NaN", "-Infinity", "-0"];
  expect(dataOf({ dtype: "float32", shape: [4], data })).toEqual([1, NaN, -Infinity, -0]);
});

test("plain arguments stay plain", () => {
  const { args } = parseVectors(file({ dtype: "bool", shape: [], data: [1] }), "f.json").cases[0]!;
  expect(args.slice(1)).toEqual([2, [Infinity, null]]);
});

test("bytes are little-endian", () => {
  const bytes = (values: Uint8Array): string => btoa(String.fromCharCode(...values));
  const floats = Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192);
  expect(dataOf({ dtype: "float32", shape: [2], preview: [1, -2], base64: bytes(floats) })).toEqual([1, -2]);
  const halves = Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c);
  const preview = [1, -2, 6e-8, "Infinity"];
  const decoded = dataOf({ dtype: "float16", shape: [4], preview, base64: bytes(halves) });
  expect(decoded).toEqual([1, -2, 2 ** -24, Infinity]);
});

test("a pattern repeats, also when it does not fit evenly", () => {
  expect(dataOf({ dtype: "int32", shape: [5], repeat: [1, 2] })).toEqual([1, 2, 1, 2, 1]);
});

test.each([
  ["another format", file({}, { format: 2 }), /format 2; this runner reads 1/],
  ["an unknown rule", file({}, { tolerance: { rule: "vague" } }), /f\.json\.tolerance\.rule: expected one of exact, ulp/],
  ["too few elements", file({ dtype: "float32", shape: [3], data: [1] }), /f\/case\.args\[0\]: 1 elements do not fill/],
  ["an unknown dtype", file({ dtype: "bfloat16", shape: [], data: [1] }), /unknown dtype 'bfloat16'/],
  ["a wrong preview", file({ dtype: "uint8", shape: [1], preview: [7], base64: btoa("a") }), /the preview and the bytes/],
])("%s is refused", (_name, text, message) => {
  expect(() => parseVectors(text, "f.json")).toThrow(message);
});

test("every file of the package reads, is named after its function and has distinct ids", async () => {
  const files = await loadVectors();
  const ids = files.flatMap((one) => one.cases.map(({ id }) => id));
  expect(files.length).toBeGreaterThan(60);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { function: name, cases } of files) for (const { id } of cases) expect(id.startsWith(`${name}/`)).toBe(true);
});
