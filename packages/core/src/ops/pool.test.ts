import * as reference from "@polykeras/backend-reference";
import { K, Tensor, useBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { apply } from "./fixtures/apply.ts";
import { maxPool, maxPooling } from "./max-pool.ts";
import { poolCount, sumPool } from "./sum-pool.ts";

beforeAll(() => useBackend(reference));

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whole numbers from -3 to 3, so that sums are exact and ties are frequent. */
function data(shape: readonly number[], seed: number) {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 16) % 7) - 3;
  };
  return { data: Float64Array.from({ length: sizeOf(shape) }, next), shape };
}

const open = (shape: readonly number[]): Tensor =>
  K.placeholder({ shape: shape.map(() => null), dtype: "float64" });

const cases = {
  plain: { shape: [2, 6, 3], window: [2], strides: [2], padding: [[0, 0]] },
  overlapping: { shape: [1, 7, 2], window: [3], strides: [1], padding: [[0, 0]] },
  "strides that leave a rest": { shape: [1, 8, 1], window: [2], strides: [3], padding: [[0, 0]] },
  "strides above the window": { shape: [1, 9, 2], window: [1], strides: [4], padding: [[0, 0]] },
  padded: {
    shape: [1, 5, 4, 2],
    window: [3, 2],
    strides: [2, 1],
    padding: [
      [1, 2],
      [1, 0],
    ],
  },
  volumes: {
    shape: [1, 3, 4, 2, 2],
    window: [2, 3, 2],
    strides: [1, 2, 1],
    padding: [
      [1, 0],
      [2, 2],
      [0, 1],
    ],
  },
  "no batch": { shape: [0, 4, 2], window: [2], strides: [1], padding: [[1, 1]] },
};

describe("gradients are the transposes, of every order and with unknown dimensions", () => {
  for (const [name, { shape, ...attributes }] of Object.entries(cases))
    for (const op of [maxPool, sumPool])
      test(`${op.name}, ${name}`, async () => {
        const [x, v] = [open(shape), open(shape)];
        const y = apply(op, [x], attributes);
        const out = (await K.function([x], y)([data(shape, 1)])).shape;
        const g = open(out);
        const dx = K.gradients(K.sum(y.multiply(g)), [x])[0]!;
        // dx is linear in g: its transpose takes v to the gradient in g, whose own gradient in v is dx again.
        const dg = K.gradients(K.sum(dx.multiply(v)), [g])[0]!;
        const dv = K.gradients(K.sum(dg.multiply(g)), [v])[0]!;
        const run = K.function(
          [x, g, v],
          [K.sum(dx.multiply(v)), K.sum(dg.multiply(g)), K.sum(dx.multiply(x)), K.sum(y.multiply(g)), dx, dv],
        );
        const [a, b, c, d, back, again] = await run([data(shape, 1), data(out, 2), data(shape, 3)]);
        expect(b.item()).toBe(a.item());
        // Both poolings scale with x, so that <dx, x> = <g, y>.
        expect(c.item()).toBe(d.item());
        expect(again.toArray()).toEqual(back.toArray());
      });
});

test("the gradient of a maximum goes to the first of equals, of every order", async () => {
  const x = K.constant([[[2], [2], [1], [2], [2]]], { dtype: "float64" });
  const g = K.placeholder({ shape: [1, 4, 1], dtype: "float64" });
  const v = K.constant([[[10], [20], [30], [40], [50]]], { dtype: "float64" });
  const y = apply(maxPooling, [x], { window: [2], strides: [1], padding: "valid" });
  const [dx] = K.gradients(K.sum(y.multiply(g)), [x]);
  const [dg] = K.gradients(K.sum(dx!.multiply(v)), [g]);
  const [back, taken] = await K.function([g], [dx!, dg!])([[[[1], [2], [4], [8]]]]);
  expect([...back.data]).toEqual([1, 2, 0, 12, 0]);
  expect([...taken.data]).toEqual([10, 20, 40, 40]);
});

test("NaN is no maximum; where there is no other, -inf stands and nothing flows", async () => {
  const [nan, inf] = [Number.NaN, Infinity];
  const x = K.constant([[[nan], [nan], [1], [nan], [-inf], [-inf]]], { dtype: "float64" });
  const y = apply(maxPool, [x], { window: [2], strides: [1], padding: [[0, 0]] });
  const [dx] = K.gradients(K.sum(y), [x]);
  const [value, back] = await K.function([], [y, dx!])([]);
  expect([...value.data]).toEqual([-inf, 1, 1, -inf, -inf]);
  expect([...back.data]).toEqual([0, 0, 2, 0, 2, 0]);
});

test("poolCount leaves the padding out and is a constant", async () => {
  const x = K.placeholder({ shape: [null, 3, 4, null] });
  const of = { window: [3, 2], strides: [1, 3] };
  const count = apply(poolCount, [x], { ...of, padding: "same" });
  expect(count.shape).toEqual([1, 3, 2, 1]);
  expect([...(await K.eval(count)).data]).toEqual([4, 2, 6, 3, 4, 2]);
});

describe("errors", () => {
  const x = K.placeholder({ shape: [1, 5, 2] });
  test("name what does not fit", () => {
    const of = { window: [2], strides: [1], padding: [[0, 0]] };
    expect(() => apply(maxPool, [x], { ...of, padding: [[2, 0]] })).toThrow(
      "must be less than the window [2]",
    );
    expect(() => apply(maxPool, [x], { ...of, window: [2, 2] })).toThrow("window must be 1 whole number");
    expect(() => apply(sumPool, [x], { ...of, strides: [0] })).toThrow("strides must be 1 whole number");
    expect(() => apply(sumPool, [K.placeholder({ shape: [1, 5] })], of)).toThrow("1 to 3 spatial axes");
    expect(() => apply(sumPool, [K.placeholder({ shape: [1, 5, 1], dtype: "bool" })], of)).toThrow(
      "sumPool takes numbers",
    );
    expect(() => apply(maxPooling, [x], { window: [7], strides: [1], padding: "valid" })).toThrow(
      "does not fit",
    );
  });
});
