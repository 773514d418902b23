import type { Program, TensorSpec } from "@polykeras/core";
import { expect, test } from "vitest";
import * as reference from "./index.ts";

const vector: TensorSpec = { shape: [3], dtype: "float32" };
const scalar: TensorSpec = { shape: [], dtype: "float32" };

/** y = x * w; w becomes w + 1. */
const program: Program = {
  values: [{ spec: vector }, { spec: scalar }, { spec: scalar }, { spec: vector }, { spec: scalar }],
  inputs: [
    { value: 0, kind: "placeholder", name: "x" },
    { value: 1, kind: "variable", name: "w" },
  ],
  constants: [{ value: 2, data: Float32Array.of(1) }],
  steps: [
    { op: "multiply", inputs: [0, 1], outputs: [3], attributes: {}, frees: [] },
    { op: "add", inputs: [1, 2], outputs: [4], attributes: {}, frees: [] },
  ],
  outputs: [3],
  updates: [{ input: 1, value: 4 }],
};

test("a program runs through the three entries and leaves no buffer behind", async () => {
  const before = reference.memory?.();
  const slot = await reference.placeholder(vector);
  const w = await reference.variable(scalar, Float32Array.of(2));
  const executable = await reference.function(program);
  const x = await slot.feed(Float32Array.of(1, -2, 0.5));
  for (const factor of [2, 3]) {
    const [y] = await executable.run([x, w]);
    expect(await y?.read()).toEqual(Float32Array.of(factor, -2 * factor, factor / 2));
    y?.dispose();
  }
  expect(await w.read()).toEqual(Float32Array.of(4));
  executable.dispose();
  x.dispose();
  w.dispose();
  expect(reference.memory?.()).toEqual(before);
});
