import { describe, expect, test } from "vitest";
import { run, tensor } from "./fixtures/run.ts";
import { kernels } from "./kernels.ts";

const m = tensor([2, 3], [1, 2, 3, 4, 5, 6]);
const ints = (values: number[], shape = [values.length]) => tensor(shape, values, "int32");

test("reverse along axes", () => {
  expect(run(kernels.reverse, [m], { axes: [1] }, [2, 3])).toEqual([3, 2, 1, 6, 5, 4]);
  expect(run(kernels.reverse, [m], { axes: [0, 1] }, [2, 3])).toEqual([6, 5, 4, 3, 2, 1]);
  expect(run(kernels.reverse, [tensor([0, 2], [])], { axes: [0, 1] }, [0, 2])).toEqual([]);
});

test("gather takes rows, and says which index is out of range", () => {
  expect(run(kernels.gather, [m, ints([1, 0, 1])], {}, [3, 3])).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
  expect(() => run(kernels.gather, [m, ints([0, -1])], {}, [2, 3])).toThrow(
    "gather: index -1 is out of range for a tensor of shape (2, 3); use 0 to 1.",
  );
});

describe("scatterAdd", () => {
  test("adds rows up and leaves out those out of range", () => {
    const rows = tensor([4, 1], [1, 2, 4, 8]);
    expect(run(kernels.scatterAdd, [ints([1, 1, -1, 2]), rows], { rows: 2 }, [2, 1], "float32")).toEqual([
      0, 3,
    ]);
  });
  test("rounds once", () => {
    const rows = tensor([3], [1, 2 ** -24, 2 ** -24]);
    expect(run(kernels.scatterAdd, [ints([0, 0, 0]), rows], { rows: 1 }, [1], "float32")).toEqual([
      1 + 2 ** -23,
    ]);
  });
});

describe("products and running sums", () => {
  test("integers wrap", () => {
    const of = ints([123456789, 987654321]);
    expect(run(kernels.prod, [of], { axes: [0] }, [], "int32")).toEqual([-67153019]);
    const along = { axis: 0, exclusive: false, reverse: false };
    expect(run(kernels.cumprod, [of], along, [2], "int32")).toEqual([123456789, -67153019]);
    const ends = ints([2 ** 31 - 1, 1]);
    expect(run(kernels.cumsum, [ends], along, [2], "int32")).toEqual([2 ** 31 - 1, -(2 ** 31)]);
    const small = tensor([2], [200, 100], "uint8");
    expect(run(kernels.cumsum, [small], along, [2], "uint8")).toEqual([200, 44]);
  });
  test("exclusive and backward", () => {
    const along = { axis: 1, exclusive: true, reverse: true };
    expect(run(kernels.cumsum, [m], along, [2, 3])).toEqual([5, 3, 0, 11, 6, 0]);
    expect(run(kernels.cumprod, [m], along, [2, 3])).toEqual([6, 3, 1, 30, 6, 1]);
  });
  test("sums are compensated, of nothing they are 0 and products 1", () => {
    const along = { axis: 0, exclusive: false, reverse: false };
    const wide = tensor([4], [1, 1e100, 1, -1e100], "float64");
    expect(run(kernels.cumsum, [wide], along, [4], "float64")).toEqual([1, 1e100, 1e100, 2]);
    expect(run(kernels.prod, [tensor([0, 2], [])], { axes: [0] }, [2])).toEqual([1, 1]);
  });
});

test("topK gives values and their places", () => {
  const spec = { shape: [2, 2], dtype: "float32" } as const;
  const [values, places] = kernels.topK([tensor([2, 3], [1, NaN, 3, 2, 2, 2])], { k: 2 }, [
    spec,
    { ...spec, dtype: "int32" },
  ]);
  expect(Array.from(values!)).toEqual([NaN, 3, 2, 2]);
  expect(Array.from(places!)).toEqual([1, 2, 0, 1]);
});
