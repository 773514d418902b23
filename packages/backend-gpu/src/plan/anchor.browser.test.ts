import { create as createReference } from "@polykeras/backend-reference";
import { K, type Tensor, configure, registerBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { fill, generator } from "../../../backend-tfjs/src/fixtures/network.ts";
import { type GpuBackend, create } from "../engine.ts";

configure({ notice: false });
const reference = createReference();
registerBackend("reference", () => reference);

interface Chain {
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  readonly make: (...x: Tensor[]) => Tensor;
}

const chains: readonly Chain[] = [
  {
    title: "a dense layer of 8 units",
    shapes: [[5, 7], [7, 8], [8]],
    make: (x, w, b) => K.tanh(K.biasAdd(K.dot(x, w), b)),
  },
  {
    title: "a dense layer of 6 units, which four does not divide",
    shapes: [[5, 7], [7, 6], [6]],
    make: (x, w, b) => K.relu(K.biasAdd(K.dot(x, w), b)),
  },
  {
    title: "products of transposed batches, by a column and plus a batch of its own",
    shapes: [
      [3, 9, 4],
      [3, 8, 9],
      [4, 1],
      [3, 1, 8],
    ],
    make: (x, y, column, row) =>
      K.sigmoid(
        K.batchDot(K.permuteDimensions(x, [0, 2, 1]), K.permuteDimensions(y, [0, 2, 1]))
          .multiply(column)
          .add(row),
      ),
  },
  {
    title: "a batch of products of 5 rows and 6 columns, which four divides neither",
    shapes: [
      [3, 5, 7],
      [3, 7, 6],
      [3, 5, 6],
    ],
    make: (x, y, z) => K.tanh(K.batchDot(x, y, { axes: [2, 1] }).add(z)),
  },
  {
    title: "a column of 7 elements, and a row",
    shapes: [
      [7, 9],
      [9, 1],
      [1, 7],
    ],
    make: (x, column, row) => K.dot(row, K.sigmoid(K.dot(x, column))),
  },
  {
    title: "a product with itself, twice",
    shapes: [[8, 8]],
    make: (x) => {
      const product = K.dot(x, x);
      return K.dot(product.multiply(product).add(x), x).subtract(product);
    },
  },
  {
    title: "a convolution of 8 filters, padded, with steps of 2",
    shapes: [[2, 9, 7, 3], [3, 3, 3, 8], [8]],
    make: (x, w, b) => K.relu(K.biasAdd(K.conv2d(x, w, { strides: [2, 2], padding: "same" }), b)),
  },
  {
    title: "a padded convolution of 6 filters and 5 columns, which four divides neither",
    shapes: [[2, 4, 5, 5], [3, 3, 5, 6], [6]],
    make: (x, w, b) => K.tanh(K.biasAdd(K.conv2d(x, w, { padding: "same" }), b)),
  },
  {
    title: "a dilated convolution of one filter",
    shapes: [
      [1, 9, 11, 2],
      [2, 3, 2, 1],
    ],
    make: (x, w) => K.conv2d(x, w, { dilationRate: [2, 2] }),
  },
  {
    title: "a convolution by channels, of 20 in a loop and a rest",
    shapes: [[1, 6, 20], [3, 20, 12], [12]],
    make: (x, w, b) => K.elu(K.biasAdd(K.conv1d(x, w), b)),
  },
  {
    title: "a depthwise convolution, pooled",
    shapes: [
      [2, 8, 8, 4],
      [3, 3, 4, 2],
    ],
    make: (x, w) => K.pool2d(K.softplus(K.depthwiseConv2d(x, w)), [2, 2]),
  },
];

describe.each(["webgpu", "webgl2"] as const)("gpu:%s", (variant) => {
  let backend: GpuBackend;
  beforeAll(async () => {
    backend = await create({ variant });
  });

  test.each(chains)("$title, and its gradients", async ({ shapes, make }) => {
    const draw = generator(shapes.flat().reduce((sum, dim) => sum * 31 + dim, 7));
    const feeds = shapes.map((shape) => fill(shape, () => draw() * 2 - 1));
    const inputs = shapes.map((shape) => K.placeholder({ shape: [...shape] }));
    const made = make(...inputs);
    const all = [made, ...K.gradients(K.sum(K.square(made)), inputs).filter((g) => g !== null)];
    expect(all.length).toBe(inputs.length + 1);
    const got = await K.function(inputs, all, { backend })(feeds);
    const wanted = await K.function(inputs, all, { backend: reference })(feeds);
    for (const [i, { data, shape }] of wanted.entries()) {
      expect(got[i]!.shape).toEqual(shape);
      for (const [j, value] of data.entries())
        expect(Math.abs(got[i]!.data[j]! - value) / (1 + Math.abs(value))).toBeLessThan(1e-5);
    }
  });
});
