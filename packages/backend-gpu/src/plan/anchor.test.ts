import { type Program, sizeOf } from "@polykeras/core";
import { expect, test } from "vitest";
import { spec, step } from "../fixtures/program.ts";
import { plan } from "./plan.ts";
import type { Target } from "./target.ts";

const gpu: Target = { mode: "webgl2", arguments: 8 };
const product = { transposeA: false, transposeB: false };

/** x (6, 5) times w (5, n), plus a bias, through tanh; `outputs` are given back. */
function dense(n: number, outputs: readonly number[] = [5]): Program {
  const shapes = [spec(6, 5), spec(5, n), spec(n), spec(6, n), spec(6, n), spec(6, n)];
  return {
    values: shapes.map((of) => ({ spec: of })),
    inputs: [0, 1, 2].map((value) => ({ value, kind: "placeholder" as const, name: `x${value}` })),
    constants: [],
    steps: [step("matmul", [0, 1], 3, product), step("add", [3, 2], 4), step("tanh", [4], 5)],
    outputs: [...outputs],
    updates: [],
  };
}

test("a product and what is done with its elements are one kernel, of four neighbours per thread", () => {
  const { kernels } = plan(dense(8), gpu);
  expect(kernels.map(({ output }) => output)).toEqual([[2, 6]]);
  expect(kernels[0]!.inputs.length).toBe(3);
  expect(kernels[0]!.source).toMatch(/return \[\w+,\w+,\w+,\w+\]/);
});

test("a row that four does not divide has a thread for each element", () => {
  const { kernels } = plan(dense(7), gpu);
  expect(kernels.map(({ output }) => output)).toEqual([[7, 6]]);
  expect(kernels[0]!.source).not.toContain("return [");
});

test("a thread that stores its elements makes four rows of four, and leaves out what lies beyond the matrix", () => {
  const { kernels } = plan(dense(7), { ...gpu, mode: "webgpu" });
  expect(kernels.map(({ output, stored }) => ({ output, stored }))).toEqual([{ output: [2, 2], stored: 42 }]);
  expect(kernels[0]!.source.match(/store\(/g)?.length).toBe(16);
  expect(kernels[0]!.source).toMatch(/if \(\w+\+3<6&&\w+\+3<7\) \{ store/);
  // Integers, that gpu.js need not cast to be indices.
  expect(kernels[0]!.source).toMatch(/let (i\d+) = 0; \1\+\+;/);
});

test("a product that is a result too has a kernel of its own", () => {
  const { kernels, results } = plan(dense(8, [3, 5]), gpu);
  expect(kernels.length).toBe(2);
  expect(results).toEqual([0, 1]);
});

test("what would read more arrays than a kernel may is not joined", () => {
  const { kernels } = plan(dense(8), { ...gpu, arguments: 2 });
  expect(kernels.length).toBe(2);
  for (const { inputs } of kernels) expect(inputs.length).toBeLessThanOrEqual(2);
});

test("a chain that leaves the shape of the product reads it from memory", () => {
  const base = dense(8);
  const program: Program = {
    ...base,
    values: base.values.with(5, { spec: spec(8, 6) }),
    steps: base.steps.with(2, { ...base.steps[2]!, op: "transpose", attributes: { permutation: [1, 0] } }),
  };
  const { kernels } = plan(program, gpu);
  expect(kernels.length).toBe(2);
  expect(sizeOf(kernels[1]!.output)).toBe(48);
});
