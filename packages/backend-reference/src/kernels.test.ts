import { describe, expect, test } from "vitest";
import { run, tensor } from "./fixtures/run.ts";
import { kernels } from "./kernels.ts";

const m = tensor([2, 3], [1, 2, 3, 4, 5, 6]);

test("operands broadcast", () => {
  expect(run(kernels.add, [m, tensor([2, 1], [10, 20])], {}, [2, 3])).toEqual([11, 12, 13, 24, 25, 26]);
  expect(run(kernels.subtract, [tensor([], [1]), m], {}, [2, 3])).toEqual([0, -1, -2, -3, -4, -5]);
});

test("one rounding per op, to the dtype", () => {
  const half = (data: number[]) => tensor([data.length], data, "float16");
  expect(run(kernels.add, [half([2048]), half([1])], {}, [1])).toEqual([2048]);
  expect(run(kernels.multiply, [half([300]), half([300])], {}, [1])).toEqual([Infinity]);
  const ints = (x: number) => tensor([1], [x], "int32");
  expect(run(kernels.multiply, [ints(123456789), ints(987654321)], {}, [1])).toEqual([-67153019]);
  expect(run(kernels.negative, [tensor([1], [1], "uint8")], {}, [1])).toEqual([255]);
});

describe("reductions", () => {
  test("over axes", () => {
    expect(run(kernels.sum, [m], { axes: [0] }, [3])).toEqual([5, 7, 9]);
    expect(run(kernels.max, [m], { axes: [1] }, [2])).toEqual([3, 6]);
    expect(run(kernels.sum, [m], { axes: [0, 1] }, [])).toEqual([21]);
  });

  test("of nothing", () => {
    const empty = tensor([0, 2], []);
    expect(run(kernels.sum, [empty], { axes: [0] }, [2])).toEqual([0, 0]);
    expect(run(kernels.max, [empty], { axes: [0] }, [2])).toEqual([-Infinity, -Infinity]);
    expect(run(kernels.min, [tensor([0], [], "uint8")], { axes: [0] }, [])).toEqual([255]);
  });

  test("in float64 with compensation", () => {
    const wide = tensor([4], [1, 1e100, 1, -1e100], "float64");
    expect(run(kernels.sum, [wide], { axes: [0] }, [])).toEqual([2]);
    expect(run(kernels.sum, [tensor([2], [Infinity, 1])], { axes: [0] }, [])).toEqual([Infinity]);
  });

  test("argmax takes the first of equals and NaN before all", () => {
    expect(run(kernels.argmax, [tensor([4], [1, 3, 3, 2])], { axis: 0 }, [], "int32")).toEqual([1]);
    expect(run(kernels.argmax, [tensor([4], [1, NaN, 3, NaN])], { axis: 0 }, [], "int32")).toEqual([1]);
  });
});

test("matrices multiply in all four orientations", () => {
  const b = tensor([3, 2], [1, 2, 3, 4, 5, 6]);
  const plain = { transposeA: false, transposeB: false };
  expect(run(kernels.matmul, [m, b], plain, [2, 2])).toEqual([22, 28, 49, 64]);
  const at = { transposeA: true, transposeB: false };
  expect(run(kernels.matmul, [b, b], at, [2, 2])).toEqual([35, 44, 44, 56]);
  const bt = { transposeA: false, transposeB: true };
  expect(run(kernels.matmul, [m, m], bt, [2, 2])).toEqual([14, 32, 32, 77]);
});

describe("movement", () => {
  test("transpose", () => {
    expect(run(kernels.transpose, [m], { permutation: [1, 0] }, [3, 2])).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("slice with steps", () => {
    const box = { begin: [0, 0], size: [2, 2], strides: [1, 2] };
    expect(run(kernels.slice, [m], box, [2, 2])).toEqual([1, 3, 4, 6]);
  });

  test("concatenate", () => {
    const right = tensor([2, 1], [7, 8]);
    expect(run(kernels.concatenate, [m, right], { axis: 1 }, [2, 4])).toEqual([1, 2, 3, 7, 4, 5, 6, 8]);
  });

  test("pad", () => {
    const attributes = { before: [0, 1], after: [0, 0], value: 9 };
    expect(run(kernels.pad, [m], attributes, [2, 4])).toEqual([9, 1, 2, 3, 9, 4, 5, 6]);
  });

  test("iota", () => {
    expect(run(kernels.iota, [], { shape: [2, 2], axis: 1 }, [2, 2], "int32")).toEqual([0, 1, 0, 1]);
  });
});
