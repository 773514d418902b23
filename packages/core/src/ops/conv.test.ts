import * as reference from "@polykeras/backend-reference";
import { K, Tensor, useBackend } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { apply } from "./fixtures/apply.ts";
import { conv, convInputGradient, convKernelGradient, convolve } from "./conv.ts";

beforeAll(() => useBackend(reference));

/** Whole numbers, so that sums are exact, from a linear congruential generator. */
function numbers(count: number, seed: number): Float64Array {
  let state = seed + 1;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 16) % 9) - 4;
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const data = (shape: readonly number[], seed: number) => ({ data: numbers(sizeOf(shape), seed), shape });
const open = (shape: readonly number[]): Tensor =>
  K.placeholder({ shape: shape.map(() => null), dtype: "float64" });

const cases = {
  plain: { x: [2, 7, 3], k: [3, 3, 4] },
  "strides that leave a rest": { x: [1, 8, 2], k: [3, 2, 1], strides: [3] },
  "uneven padding": { x: [1, 6, 2], k: [3, 2, 2], padding: [[2, 1]], strides: [2] },
  "padding beyond the kernel": { x: [1, 4, 1], k: [2, 1, 2], padding: [[3, 4]], strides: [2] },
  "kernel dilation": { x: [1, 9, 2], k: [3, 2, 2], kernelDilation: [2], padding: [[1, 3]] },
  "input dilation": { x: [2, 4, 2], k: [3, 2, 2], inputDilation: [3], padding: [[2, 2]], strides: [2] },
  "all dilated": { x: [1, 5, 1], k: [3, 1, 1], inputDilation: [2], kernelDilation: [3], padding: [[1, 0]] },
  groups: { x: [2, 5, 6], k: [2, 2, 9], groups: 3, strides: [2] },
  depthwise: { x: [1, 5, 5, 3], k: [3, 3, 1, 6], groups: 3, strides: [2, 1] },
  "batch groups": { x: [6, 5, 2], k: [2, 2, 9], batchGroups: 3, padding: [[1, 0]] },
  "two axes": {
    x: [2, 6, 5, 2],
    k: [3, 2, 2, 3],
    strides: [1, 2],
    padding: [
      [1, 0],
      [0, 1],
    ],
  },
  "three axes": { x: [1, 4, 3, 5, 2], k: [2, 1, 3, 2, 2], strides: [2, 1, 2], kernelDilation: [1, 2, 2] },
  "nothing left of the input": { x: [1, 3, 1], k: [4, 1, 1] },
  "no batch": { x: [0, 5, 2], k: [2, 2, 3] },
  "no filters": { x: [1, 5, 2], k: [2, 2, 0] },
} satisfies Record<string, Partial<Parameters<typeof attributesOf>[0]>>;

function attributesOf(of: {
  readonly x: readonly number[];
  readonly k: readonly number[];
  readonly strides?: readonly number[];
  readonly padding?: readonly (readonly number[])[];
  readonly inputDilation?: readonly number[];
  readonly kernelDilation?: readonly number[];
  readonly groups?: number;
  readonly batchGroups?: number;
}) {
  const ones = of.x.slice(2).map(() => 1);
  return {
    strides: of.strides ?? ones,
    padding: of.padding ?? ones.map(() => [0, 0]),
    inputDilation: of.inputDilation ?? ones,
    kernelDilation: of.kernelDilation ?? ones,
    groups: of.groups ?? 1,
    batchGroups: of.batchGroups ?? 1,
  };
}

describe("conv's gradients are its transposes, of every order and with unknown dimensions", () => {
  for (const [name, of] of Object.entries(cases))
    test(name, async () => {
      const attributes = attributesOf(of);
      const [x, k] = [open(of.x), open(of.k)];
      const y = apply(conv, [x, k], attributes);
      const feeds = [data(of.x, 1), data(of.k, 2)];
      const out = (await K.function([x, k], y)(feeds)).shape;
      const g = open(out);
      const loss = K.sum(y.multiply(g));
      const [dx, dk] = K.gradients(loss, [x, k]);
      const seeds = [open(of.x), open(of.k)];
      // conv is linear in each operand: the same number comes out whichever operand the gradient is taken in.
      const inX = K.sum(dx!.multiply(seeds[0]!));
      const inK = K.sum(dk!.multiply(seeds[1]!));
      const expected = [
        loss,
        K.sum(apply(conv, [seeds[0]!, k], attributes).multiply(g)),
        K.sum(apply(conv, [x, seeds[1]!], attributes).multiply(g)),
      ];
      const second = [...K.gradients(inX, [k, g]), ...K.gradients(inK, [x, g])].map((node) => node!);
      const [ddk, ddgx, ddx, ddgk] = second;
      const found = [
        K.sum(dx!.multiply(x)),
        inX,
        inK,
        K.sum(dk!.multiply(k)),
        K.sum(ddk!.multiply(k)),
        K.sum(ddx!.multiply(x)),
        K.sum(ddgx!.multiply(g)),
        K.sum(ddgk!.multiply(g)),
      ];
      const run = K.function([x, k, g, ...seeds], [...expected, ...found]);
      const results = await run([...feeds, data(out, 3), data(of.x, 4), data(of.k, 5)]);
      const [whole, byX, byK, ...rest] = results.map((result) => result.item());
      expect(rest).toEqual([whole, byX, byK, whole, byX, byK, byX, byK]);
    });
});

test("the padding rules become numbers when the sizes are known", async () => {
  const x = K.placeholder({ shape: [null, null, 1], dtype: "float64" });
  const k = K.constant(numbers(3, 2), { shape: [3, 1, 1], dtype: "float64" });
  const one = { inputDilation: [1], kernelDilation: [2], groups: 1, batchGroups: 1, strides: [2] };
  for (const [padding, pads] of [
    ["same", [[2, 2]]],
    ["valid", [[0, 0]]],
    ["causal", [[4, 0]]],
  ] as const) {
    const modal = apply(convolve, [x, k], { ...one, padding });
    const plain = apply(conv, [x, k], { ...one, padding: pads });
    const gradients = [modal, plain].map((y) => K.gradients(K.sum(K.square(y)), [x, k]));
    const run = K.function([x], [modal, plain, ...gradients.flat().map((of) => of!)]);
    const results = (await run([data([2, 7, 1], 7)])).map((of) => of.toArray());
    expect(results[0]).toEqual(results[1]);
    expect(results.slice(2, 4)).toEqual(results.slice(4));
  }
});

describe("errors", () => {
  const x = K.placeholder({ shape: [1, 5, 2] });
  const attributes = attributesOf(cases.plain);
  const make =
    (shape: number[], change: Partial<typeof attributes> = {}) =>
    (): unknown =>
      apply(conv, [x, K.placeholder({ shape })], { ...attributes, ...change });
  test("name what does not fit", () => {
    expect(make([3, 3, 4])).toThrow("the input has 2 channels, the kernel takes 3");
    expect(make([3, 1, 4], { groups: 3 })).toThrow("takes 1 in each of 3 groups");
    expect(make([3, 1, 3], { groups: 2 })).toThrow("do not divide");
    expect(make([3, 2, 3], { batchGroups: 3 })).toThrow("do not divide");
    expect(make([3, 1, 4], { groups: 2, batchGroups: 2 })).toThrow("exclude each other");
    expect(make([3, 2])).toThrow("1 to 3 spatial axes");
    expect(make([3, 2, 1], { strides: [0] })).toThrow("strides must be 1 whole number of at least 1");
    expect(make([3, 2, 1], { padding: [[-1, 0]] })).toThrow("not negative");
    const modal = { ...attributes, padding: "valid" as const, groups: 1 };
    const wide = K.placeholder({ shape: [7, 2, 1] });
    expect(() => apply(convolve, [x, wide], modal)).toThrow("does not fit into axis 1 of length 5");
  });
  test("a transposed convolution's shape must be one that the convolution maps to its operand's", () => {
    const g = K.placeholder({ shape: [1, 3, 4] });
    const kernel = K.placeholder({ shape: [3, 2, 4] });
    const of = { ...attributes, shape: [1, 6, 2] };
    expect(() => apply(convInputGradient, [g, kernel], of)).toThrow("gives (1, 4, 4)");
    const like = { ...attributes, shape: [4, 2, 4] };
    expect(() => apply(convKernelGradient, [x, g], like)).toThrow("gives (1, 2, 4)");
  });
});
