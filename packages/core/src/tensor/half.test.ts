import { expect, test } from "vitest";
import { roundToHalf } from "./half.ts";

test("roundToHalf is IEEE rounding, ties to even", () => {
  const rows: [number, number][] = [
    [1, 1],
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -10],
    [65504, 65504],
    [65519.99, 65504],
    [65520, Infinity],
    [-1e9, -Infinity],
    [2 ** -24, 2 ** -24],
    [2 ** -25, 0],
    [2 ** -25 * 1.0000001, 2 ** -24],
    [3 * 2 ** -25, 2 ** -23],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [0.1, 0.0999755859375],
    [Infinity, Infinity],
    [Number.NaN, Number.NaN],
    [0, 0],
    [-0, -0],
    [-(2 ** -30), -0],
  ];
  for (const [input, expected] of rows) expect(roundToHalf(input)).toBe(expected);
});

test("agrees with Float16Array where the platform has one", () => {
  const Half: unknown = Reflect.get(globalThis, "Float16Array");
  if (typeof Half !== "function") return;
  const rounded: unknown = Reflect.construct(Half, [1]);
  for (let i = 0; i < 20_000; i++) {
    const value = (((i * 2654435761) % 2 ** 32) / 2 ** 31 - 1) * 2 ** ((i % 46) - 28);
    Reflect.set(Object(rounded), 0, value);
    expect(roundToHalf(value)).toBe(Reflect.get(Object(rounded), 0));
  }
});
