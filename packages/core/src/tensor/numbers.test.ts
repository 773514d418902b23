import { expect, test } from "vitest";
import { floatMod, floatPower, intMod, intPower, toInt32 } from "./numbers.ts";

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
  expect([
    floatPower(1, NaN),
    floatPower(1, Infinity),
    floatPower(-1, -Infinity),
    floatPower(NaN, 0),
    floatPower(-8, 1 / 3),
  ]).toEqual([1, 1, 1, 1, NaN]);
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
