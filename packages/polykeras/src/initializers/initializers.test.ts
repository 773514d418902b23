import { beforeEach, describe, expect, test } from "vitest";
import { readValue, setRandomSeed } from "@polykeras/core";
import * as initializers from "./index.ts";
import { initialValues } from "./initializer.ts";

const shape = [200, 300] as const;

function sample(make: initializers.Initializer, of: readonly number[] = shape): number[] {
  return [...readValue(make(of, { dtype: "float32" }), "the initializer").data];
}

function moments(values: readonly number[]): { mean: number; deviation: number; limit: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), limit: Math.max(...values.map(Math.abs)) };
}

beforeEach(() => setRandomSeed(3));

describe("variances follow the fans", () => {
  const [fanIn, fanOut] = shape;
  const cases = {
    glorotUniform: 2 / (fanIn + fanOut),
    glorotNormal: 2 / (fanIn + fanOut),
    heUniform: 2 / fanIn,
    heNormal: 2 / fanIn,
    lecunUniform: 1 / fanIn,
    lecunNormal: 1 / fanIn,
  } as const;
  test.each(Object.entries(cases))("%s", (name, variance) => {
    const { mean, deviation } = moments(sample(Reflect.get(initializers, name)()));
    expect(Math.abs(mean)).toBeLessThan(3 * Math.sqrt(variance / 60_000));
    expect(deviation / Math.sqrt(variance)).toBeCloseTo(1, 1);
  });

  test("kernels of convolutions count their receptive field", () => {
    const values = sample(initializers.lecunUniform({ seed: 1 }), [3, 3, 8, 16]);
    expect(moments(values).limit).toBeLessThanOrEqual(Math.sqrt(3 / (9 * 8)));
  });
});

test("bounds of uniform and truncated values", () => {
  expect(moments(sample(initializers.randomUniform())).limit).toBeLessThanOrEqual(0.05);
  expect(moments(sample(initializers.truncatedNormal())).limit).toBeLessThanOrEqual(0.1);
  expect(moments(sample(initializers.randomNormal())).limit).toBeGreaterThan(0.15);
});

test("orthogonal rows or columns, and the identity", () => {
  for (const [rows, columns] of [
    [5, 3],
    [3, 5],
    [4, 4],
  ] as const) {
    const values = sample(initializers.orthogonal({ gain: 2 }), [rows, columns]);
    const row = (i: number): number[] => values.slice(i * columns, (i + 1) * columns);
    const column = (i: number): number[] => Array.from({ length: rows }, (_, r) => values[r * columns + i]!);
    const few = Math.min(rows, columns);
    for (let i = 0; i < few; i++)
      for (let j = 0; j < few; j++) {
        const [a, b] = rows < columns ? [row(i), row(j)] : [column(i), column(j)];
        const product = a.reduce((sum, value, k) => sum + value * b[k]!, 0);
        expect(product).toBeCloseTo(i === j ? 4 : 0, 10);
      }
  }
  expect(sample(initializers.identity(), [2, 3])).toEqual([1, 0, 0, 0, 1, 0]);
});

test("seeds: one seed repeats itself, none draws from the process's stream", () => {
  const seeded = initializers.heNormal({ seed: 5 });
  expect(sample(seeded)).toEqual(sample(seeded));
  const free = initializers.heNormal();
  setRandomSeed(9);
  const [first, second] = [sample(free), sample(free)];
  expect(first).not.toEqual(second);
  setRandomSeed(9);
  expect(sample(free)).toEqual(first);
});

test("names in both spellings, functions and factories", () => {
  expect(sample(initializers.get("glorot_uniform")).length).toBe(60_000);
  expect(sample(initializers.get("ones"), [2])).toEqual([1, 1]);
  const own: initializers.Initializer = ([n = 0]) => Array.from({ length: n }, (_, i) => i);
  expect([...initialValues(initializers.get(own), "w", [3], "float32")]).toEqual([0, 1, 2]);
  expect([...Reflect.apply(initialValues, null, [initializers.ones, "w", [3], "float32"])]).toEqual([
    1, 1, 1,
  ]);
  expect(() => initialValues(() => [1, 2], "w", [3], "float32")).toThrow("gave values of shape (2,)");
});
