import * as reference from "@polykeras/backend-reference";
import { K, type Tensor, useBackend } from "@polykeras/core";
import { beforeAll, expect, test } from "vitest";
import { slicesOf } from "./slices.ts";

beforeAll(() => useBackend(reference));

const table = K.variable([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const gradientOf = (loss: Tensor): Tensor => K.gradients(loss, table)[0]!;
const squares = (x: Tensor): Tensor => K.sum(K.square(x));
const at = (indices: number[]): Tensor => K.gather(table, K.constant(indices, { dtype: "int32" }));

test("rows that were gathered, repeated ones apart, for each gather", async () => {
  const slices = slicesOf(gradientOf(squares(at([2, 0, 2])).add(K.sum(at([1])))));
  expect(slices.values.map(({ shape }) => shape)).toEqual(
    expect.arrayContaining([
      [3, 2],
      [1, 2],
    ]),
  );
  const ones = slices.with(slices.values.map((value) => K.onesLike(value)));
  expect((await K.eval(ones)).toArray()).toEqual([
    [1, 1],
    [1, 1],
    [2, 2],
  ]);
});

test("all of a gradient that is more than rows, or rows of something else", async () => {
  const sparse = K.placeholder({ shape: [2, 3], sparse: true });
  for (const loss of [
    squares(at([2, 0])).add(squares(table)),
    squares(K.gather(table.multiply(2), K.constant([1, 1], { dtype: "int32" }))),
    squares(K.reshape(at([0, 1, 2]), [3, 2]).add(table)),
    squares(K.dot(sparse, table)),
  ]) {
    const gradient = gradientOf(loss);
    const slices = slicesOf(gradient);
    expect(slices.values).toEqual([gradient]);
    expect(slices.with([gradient])).toBe(gradient);
  }
});
