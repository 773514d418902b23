import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { parseAnsi } from "./ansi.ts";
import { drawCurve } from "./curve.ts";
import { drawDigits } from "./digits.ts";
import { toSvg } from "./svg.ts";
import { pad, tableHead, tableRow } from "./table.ts";

const columns = [
  { title: "name", width: 6, align: "left" },
  { title: "size", width: 6, align: "right" },
] as const;

test("columns stand below their titles, colours not counted", () => {
  expect(stripVTControlCharacters(tableHead(columns))).toBe("name      size\n──────────────");
  expect(tableRow(columns, ["\u001B[1mab\u001B[22m", "12"])).toBe("\u001B[1mab\u001B[22m          12");
  expect(pad("ab", 5, "centre")).toBe(" ab  ");
});

test("a falling loss goes from the upper left to the lower right", () => {
  const lines = stripVTControlCharacters(drawCurve([2, 1, 0.5, 0.01])).split("\n");
  expect(lines.find((line) => line.includes("2.00"))).toMatch(/┤[━┓]/);
  expect(lines.find((line) => line.includes("0.00"))).toMatch(/━$/);
  expect(lines.at(-1)).toMatch(/1 .* 2 .* 3 .* 4/);
});

test("a digit is four lines high and says what the model thinks", () => {
  const pixels = Array.from({ length: 64 }, (_, index) => (index % 8 < 4 ? 1 : 0));
  const right = drawDigits([{ pixels, digit: 4, predicted: 4, confidence: 0.995 }]);
  const wrong = drawDigits([{ pixels, digit: 4, predicted: 9, confidence: 0.6 }]);
  const lines = stripVTControlCharacters(right).split("\n");
  expect(lines).toHaveLength(6);
  expect(lines[4]).toContain("4 ✓");
  expect(lines[5]).toContain("99.5 %");
  expect(stripVTControlCharacters(wrong)).toContain("9 ✗ 4");
});

test("escape sequences become styles", () => {
  const [a, b, c] = parseAnsi("\u001B[1ma\u001B[22;36mb\u001B[0;38;5;255;48;5;232m▀");
  expect(a).toMatchObject({ character: "a", bold: true, foreground: null });
  expect(b).toMatchObject({ character: "b", bold: false, foreground: "#39c5cf" });
  expect(c).toMatchObject({ foreground: "rgb(238 238 238)", background: "rgb(8 8 8)" });
});

test("a picture holds every word, escaped, and draws lines and blocks itself", () => {
  const svg = toSvg(["a < b & c", "┏━ \u001B[38;5;240m▀\u001B[0m"]);
  expect(svg).toContain(">a &lt; b &amp; c</text>");
  expect(svg.match(/<path /g)).toHaveLength(2);
  expect(svg).toContain('fill="rgb(88 88 88)"');
  expect(svg).not.toMatch(/[┏━▀]/u);
});
