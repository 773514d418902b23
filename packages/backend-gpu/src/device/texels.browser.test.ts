import { create as createReference } from "@polykeras/backend-reference";
import { K, type Tensor, configure } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { fill, generator } from "../../../backend-tfjs/src/fixtures/network.ts";
import { type GpuBackend, create } from "../engine.ts";

configure({ notice: false });
const reference = createReference();

interface Read {
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  readonly make: (...x: Tensor[]) => Tensor;
}

/** Tensors that are large enough for four elements in a texel, read in whole texels, across them, and one by one. */
const reads: readonly Read[] = [
  {
    title: "whole texels",
    shapes: [
      [256, 260],
      [256, 260],
    ],
    make: (x, y) => K.relu(x.multiply(2).add(y)),
  },
  { title: "whole texels and a row", shapes: [[260, 256], [256]], make: (x, row) => K.exp(x).add(row) },
  { title: "neighbours of a slice", shapes: [[65_544]], make: (x) => K.tanh(K.slice(x, [3], [65_536])) },
  { title: "a length that four does not divide", shapes: [[65_537]], make: (x) => K.exp(x) },
  {
    title: "a transposed matrix",
    shapes: [
      [260, 256],
      [256, 260],
    ],
    make: (x, y) => K.transpose(x).add(y),
  },
  {
    title: "two in one",
    shapes: [
      [250, 264],
      [6, 264],
    ],
    make: (x, y) => K.concatenate([x, y], { axis: 0 }),
  },
  {
    title: "a product",
    shapes: [
      [256, 260],
      [260, 256],
    ],
    make: (x, y) => K.dot(x, y),
  },
  {
    title: "a product of rows off the texels",
    shapes: [
      [260, 258],
      [258, 260],
    ],
    make: (x, y) => K.dot(x, y),
  },
  {
    title: "a product of 258 columns",
    shapes: [
      [256, 260],
      [260, 258],
    ],
    make: (x, y) => K.dot(x, y),
  },
  {
    title: "a product with a transposed matrix",
    shapes: [
      [256, 260],
      [264, 260],
    ],
    make: (x, y) => K.dot(x, K.transpose(y)),
  },
  {
    title: "a convolution of channels off the texels",
    shapes: [
      [1, 66, 66, 18],
      [3, 3, 18, 4],
    ],
    make: (x, w) => K.conv2d(x, w, { padding: "same" }),
  },
  {
    title: "a convolution with many weights",
    shapes: [
      [1, 5, 5, 64],
      [3, 3, 64, 128],
    ],
    make: (x, w) => K.conv2d(x, w),
  },
  { title: "sums of rows", shapes: [[260, 256]], make: (x) => K.sum(x, { axis: 1 }) },
];

describe.each(["webgpu", "webgl2"] as const)("gpu:%s", (variant) => {
  let backend: GpuBackend;
  beforeAll(async () => {
    backend = await create({ variant });
  });

  test.each(reads)("reads $title", async ({ shapes, make }) => {
    const draw = generator(shapes.flat().reduce((sum, dim) => sum * 31 + dim, 7));
    const feeds = shapes.map((shape) => fill(shape, () => draw() * 2 - 1));
    const inputs = shapes.map((shape) => K.placeholder({ shape: [...shape] }));
    const made = [make(...inputs)] as const;
    const [got] = await K.function(inputs, made, { backend })(feeds);
    const [wanted] = await K.function(inputs, made, { backend: reference })(feeds);
    expect(got.shape).toEqual(wanted.shape);
    let worst = 0;
    for (const [i, value] of wanted.data.entries())
      worst = Math.max(worst, Math.abs(got.data[i]! - value) / (1 + Math.abs(value)));
    expect(worst).toBeLessThan(2e-5);
  });
});
