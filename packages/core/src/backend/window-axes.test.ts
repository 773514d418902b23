import { expect, test } from "vitest";
import { windowAxes } from "./window-axes.ts";

test("the axes of a convolution, whose windows are as large as its kernel", () => {
  const attributes = {
    strides: [2, 1],
    padding: [
      [1, 0],
      [0, 3],
    ],
    inputDilation: [1, 3],
    kernelDilation: [2, 1],
    groups: 1,
    batchGroups: 1,
  };
  expect(windowAxes(attributes, [4, 7, 5, 2], [4, 2, 14, 6], [3, 2, 2, 6])).toEqual([
    { out: 2, length: 7, window: 3, stride: 2, low: 1, inputDilation: 1, kernelDilation: 2 },
    { out: 14, length: 5, window: 2, stride: 1, low: 0, inputDilation: 3, kernelDilation: 1 },
  ]);
});

test("the axes of a pool, whose windows are an attribute", () => {
  const attributes = { window: [3], strides: [2], padding: [[1, 2]] };
  expect(windowAxes(attributes, [1, 6, 5], [1, 4, 5])).toEqual([
    { out: 4, length: 6, window: 3, stride: 2, low: 1, inputDilation: 1, kernelDilation: 1 },
  ]);
});
