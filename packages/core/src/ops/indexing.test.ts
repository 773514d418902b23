import * as reference from "@polykeras/backend-reference";
import { K, Tensor, useBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { compareWithDifferences, distinct } from "../gradients/fixtures/differences.ts";
import { build } from "../graph/build.ts";
import { output } from "../graph/node.ts";
import { apply } from "./fixtures/apply.ts";
import { gather, scatterAdd } from "./gather.ts";
import { reverse } from "./reverse.ts";
import { takeAlong } from "./take-along.ts";
import { topK } from "./top-k.ts";

beforeAll(() => useBackend(reference));

const ints = (values: Parameters<typeof K.constant>[0]): Tensor => K.constant(values, { dtype: "int32" });
const best = (x: Tensor, k: number, index: 0 | 1): Tensor =>
  new Tensor(output(build(topK, [x.node], { k }), index));

describe("gradients with unknown dimensions", () => {
  const cases: Record<string, { shape: number[]; f: (x: Tensor) => Tensor }> = {
    reverse: { shape: [2, 3], f: (x) => apply(reverse, [x], { axes: [0, 1] }).multiply(x) },
    gather: {
      shape: [4, 2],
      f: (x) =>
        K.square(
          apply(
            gather,
            [
              x,
              ints([
                [3, 0],
                [3, 1],
              ]),
            ],
            {},
          ),
        ),
    },
    "gather of a vector": { shape: [4], f: (x) => K.square(apply(gather, [x, ints(2)], {})) },
    scatterAdd: {
      shape: [4, 2],
      f: (x) => K.square(apply(scatterAdd, [ints([2, 0, 2, 1]), x], { rows: 4 })),
    },
    "scatterAdd that leaves rows out": {
      shape: [4, 2],
      f: (x) => K.square(apply(scatterAdd, [ints([-1, 0, 7, 0]), x], { rows: 2 })),
    },
    topK: { shape: [2, 5], f: (x) => K.square(best(x, 2, 0)) },
    "topK of a vector": { shape: [5], f: (x) => K.square(best(x, 5, 0)) },
    takeAlong: {
      shape: [2, 3],
      f: (x) =>
        K.square(
          apply(
            takeAlong,
            [
              x,
              ints([
                [2, 2],
                [0, 1],
              ]),
            ],
            {},
          ),
        ),
    },
  };
  test.each(Object.entries(cases))("%s", (_, { shape, f }) =>
    compareWithDifferences(f, shape, distinct(shape.reduce((a, b) => a * b, 1))),
  );
});

test("scatterAdd into no rows at all has a gradient of zeros", async () => {
  const x = K.placeholder({ shape: [null, 2] });
  const none = apply(scatterAdd, [ints([0, 1]), x], { rows: 0 });
  const [gradient] = K.gradients(K.sum(none), [x]);
  expect(
    (
      await K.function(
        [x],
        gradient!,
      )([
        [
          [1, 2],
          [3, 4],
        ],
      ])
    ).toArray(),
  ).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

describe("topK", () => {
  const values = K.constant([
    [1, 3, 2, 3],
    [NaN, 5, Infinity, NaN],
    [-Infinity, -1, -0, 0],
  ]);
  test("descends, with the first of equals first and NaN as the largest", async () => {
    expect((await K.eval(best(values, 3, 0))).toArray()).toEqual([
      [3, 3, 2],
      [NaN, NaN, Infinity],
      [-0, 0, -1],
    ]);
    expect((await K.eval(best(values, 3, 1))).toArray()).toEqual([
      [1, 3, 2],
      [0, 3, 2],
      [2, 3, 1],
    ]);
  });
  test("one output alone, both, and one twice", async () => {
    const [a, b, c] = await K.function([], [best(values, 1, 1), best(values, 1, 0), best(values, 1, 1)])([]);
    expect(a.dtype).toBe("int32");
    expect(a.toArray()).toEqual(c.toArray());
    expect(b.shape).toEqual([3, 1]);
  });
  test("takes none, or of nothing", async () => {
    expect((await K.eval(best(values, 0, 0))).shape).toEqual([3, 0]);
    expect((await K.eval(best(K.constant(0, { shape: [0, 3] }), 2, 1))).shape).toEqual([0, 2]);
  });
  test("k is checked", () => {
    expect(() => best(values, 5, 0)).toThrow("topK: k is 5 for a tensor of shape (3, 4)");
    expect(() => best(K.constant(1), 1, 0)).toThrow("topK: k is 1 for a tensor of shape ()");
  });
});

describe("what is refused", () => {
  test("indices that are no int32", () => {
    expect(() => apply(gather, [K.constant([1]), K.constant([0])], {})).toThrow(
      "gather takes a int32 tensor",
    );
  });
  test("rows of a scalar", () => {
    expect(() => apply(gather, [K.constant(1), ints(0)], {})).toThrow("K.expandDims(x, { axis: 0 })");
  });
  test("updates without one row for each index", () => {
    const updates = K.constant([[1, 2]]);
    expect(() => apply(scatterAdd, [ints([0, 1]), updates], { rows: 3 })).toThrow(
      "scatterAdd: updates of shape (1, 2) must begin with the shape of the indices, (2,)",
    );
  });
  test("an index out of range, when the function runs", async () => {
    await expect(K.eval(apply(gather, [K.constant([1, 2]), ints([0, 2])], {}))).rejects.toThrow(
      "gather: index 2 is out of range for a tensor of shape (2,); use 0 to 1.",
    );
  });
});

describe("simplification", () => {
  const x = K.placeholder({ shape: [3, 1, null] });
  test("two reversals of one axis cancel", () => {
    const once = apply(reverse, [x], { axes: [0, 2] });
    expect(apply(reverse, [once], { axes: [0, 2] }).node).toBe(x.node);
    expect(apply(reverse, [once], { axes: [0] }).node.attributes).toEqual({ axes: [2] });
  });
  test("a dimension of 1 needs no reversal", () => {
    expect(apply(reverse, [x], { axes: [1] }).node).toBe(x.node);
    expect(apply(reverse, [x], { axes: [0, 1] }).node.attributes).toEqual({ axes: [0] });
  });
  test("elements of shapes are followed", () => {
    const shape = K.shape(K.placeholder({ shape: [4, 5] }));
    expect(apply(gather, [shape, ints([1, 0])], {}).node.known).toEqual([5, 4]);
    expect(apply(reverse, [shape], { axes: [0] }).node.known).toEqual([5, 4]);
    expect(K.prod(shape).node.known).toEqual([20]);
  });
});
