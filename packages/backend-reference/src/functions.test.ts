import { describe, expect, test } from "vitest";
import { erf, floatMod, intMod, intPower, power, roundHalfToEven, toInt32 } from "./functions.ts";

describe("erf", () => {
  // Values of the defining integral, computed with 60 digits and rounded.
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.999, 0.9999777698314002],
    [3.5, 0.9999992569016276],
    [5, 0.9999999999984626],
  ])("of %d", (x, wanted) => {
    expect(Math.abs(erf(x) / wanted - 1)).toBeLessThan(4e-16);
    expect(erf(-x)).toBe(-erf(x));
  });

  test("at the ends", () => {
    expect([erf(Infinity), erf(-Infinity), erf(NaN), erf(-0)]).toEqual([1, -1, NaN, -0]);
  });
});

test("halves round to even", () => {
  const given = [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 2 ** 52 + 1, -Infinity, NaN];
  expect(given.map(roundHalfToEven).map((x) => x + 0)).toEqual([
    0,
    2,
    2,
    0,
    -2,
    0,
    4503599627370497,
    -Infinity,
    NaN,
  ]);
});

test("remainders have the divisor's sign", () => {
  expect([floatMod(-5.5, 3), floatMod(5.5, -3), floatMod(6, -3) + 0, floatMod(1, 0)]).toEqual([
    0.5,
    -0.5,
    0,
    NaN,
  ]);
  expect([intMod(-7, 3), intMod(7, -3), intMod(7, 0)]).toEqual([2, -2, 0]);
});

test("1 to any power is 1", () => {
  expect([power(1, NaN), power(1, Infinity), power(-1, -Infinity), power(NaN, 0), power(-8, 1 / 3)]).toEqual([
    1,
    1,
    1,
    1,
    NaN,
  ]);
});

test("integer powers wrap", () => {
  expect([intPower(3, 4), intPower(3, 21), intPower(-2, 31), intPower(0, 0), intPower(2, -1)]).toEqual([
    81,
    Number(BigInt.asIntN(32, 3n ** 21n)),
    -(2 ** 31),
    1,
    0,
  ]);
});

test("what no int32 holds becomes the smallest", () => {
  expect([2147483647.9, 2147483648, -2147483648.5, NaN, -1.9].map(toInt32)).toEqual([
    2147483647, -2147483648, -2147483648, -2147483648, -1,
  ]);
});
