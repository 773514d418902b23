import { describe, expect, test } from "vitest";
import { log } from "./log.ts";
import { normal, quantile } from "./normal.ts";
import { philox } from "./philox.ts";
import { uniform } from "./uniform.ts";

describe("philox", () => {
  // Known answers of Random123 (kat_vectors, philox4x32 10): counter, key, result.
  test("the published vectors", () => {
    expect(words([0, 0, 0, 0])).toEqual(["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
  });

  function words(state: number[]): string[] {
    const block = philox(state, 16);
    return [0, 4, 8, 12].map((at) => block[at]!.toString(16).padStart(8, "0"));
  }

  test("a word does not depend on how many are drawn", () => {
    const state = [1, 2, 3, 4];
    expect(philox(state, 5)).toEqual(philox(state, 100).slice(0, 5));
    expect(philox(state, 0)).toHaveLength(0);
  });

  test("keys, and calls, give other words", () => {
    const one = philox([1, 0, 0, 0], 64);
    for (const state of [
      [2, 0, 0, 0],
      [1, 1, 0, 0],
      [1, 0, 1, 0],
      [1, 0, 0, 1],
    ]) {
      const other = philox(state, 64);
      expect(one.filter((word, i) => word === other[i])).toHaveLength(0);
    }
  });
});

describe("distributions", () => {
  test("uniform values are multiples of a power of two below 1, with the right moments", () => {
    for (const [dtype, step] of [
      ["float16", 2 ** -11],
      ["float32", 2 ** -24],
      ["float64", 2 ** -53],
    ] as const) {
      const values = Array.from(uniform([5, 0, 0, 0], 20_000, dtype));
      expect(values.every((value) => value >= 0 && value < 1 && Number.isInteger(value / step))).toBe(true);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    }
  });

  test("log agrees with Math.log to one ulp", () => {
    for (let i = 1; i < 2000; i++) {
      const x = i * 0.37 * 2 ** ((i % 60) - 30);
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(Math.abs(Math.log(x)) * 2 ** -52 + 1e-300);
    }
  });

  test("quantiles of the normal distribution", () => {
    expect(quantile(0.5)).toBe(0);
    expect(quantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(quantile(1e-10)).toBeCloseTo(-6.361340902404056, 12);
    expect(quantile(0.022750131948179195)).toBeCloseTo(-2, 13);
  });

  test("normal values have mean 0 and deviation 1; truncated ones stay within 2, with deviation 0.88", () => {
    const moments = (values: number[]): [number, number] => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return [mean, Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)];
    };
    const [mean, deviation] = moments(Array.from(normal([3, 0, 0, 0], 50_000, "float64", false)));
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.02);
    const truncated = Array.from(normal([3, 0, 0, 0], 50_000, "float64", true));
    expect(Math.max(...truncated.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(Math.abs(moments(truncated)[1] - 0.8796)).toBeLessThan(0.01);
  });
});
