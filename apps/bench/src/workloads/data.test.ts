import { expect, test } from "vitest";
import { channelsFirst, dataOf } from "./data.ts";
import type { Input } from "./graph.ts";

const input: Input = {
  shape: [2, 2, 2, 3],
  dtype: "float32",
  low: -1,
  high: 1,
  weight: false,
  layout: "image",
};

test("values lie in their range, differ between inputs, and are the same every time", () => {
  const data = dataOf({ ...input, shape: [1000] }, 0);
  expect(Math.min(...data)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...data)).toBeLessThanOrEqual(1);
  expect(data).toEqual(dataOf({ ...input, shape: [1000] }, 0));
  expect(data).not.toEqual(dataOf({ ...input, shape: [1000] }, 1));
  const whole = dataOf({ ...input, shape: [1000], dtype: "int32", low: 0, high: 10 }, 0);
  expect([...new Set(whole)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("channels come first, and rows of a matrix follow the image that they read", () => {
  const counted = Float32Array.from({ length: 24 }, (_, i) => i);
  const image = channelsFirst(counted, input);
  expect(image.shape).toEqual([2, 3, 2, 2]);
  expect(Array.from(image.data.slice(0, 8))).toEqual([0, 3, 6, 9, 1, 4, 7, 10]);
  const kernel = channelsFirst(counted, { ...input, layout: "kernel" });
  expect(kernel.shape).toEqual([3, 2, 2, 2]);
  expect(Array.from(kernel.data.slice(0, 4))).toEqual([0, 6, 12, 18]);
  const rows = channelsFirst(counted, { ...input, shape: [12, 2], layout: { rows: [2, 2, 3] } });
  expect(Array.from(rows.data.slice(0, 8))).toEqual([0, 1, 6, 7, 12, 13, 18, 19]);
});
