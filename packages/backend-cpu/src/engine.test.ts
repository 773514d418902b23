import { type Buffer, type TypedArray, sizeOf } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { create } from "./engine.ts";
import { agree } from "./fixtures/agree.ts";
import { ProgramBuilder, runOnce, sample } from "./fixtures/program.ts";

const cpu = create();

describe("movement", () => {
  test("layouts feed consumers, products, outputs and each other", async () => {
    for (const dtype of ["float32", "float64", "bool", "uint8"] as const) {
      const builder = new ProgramBuilder();
      const x = builder.input([3, 4, 5], dtype);
      const turned = builder.op("transpose", [x], { permutation: [2, 0, 1] });
      const box = builder.op("slice", [turned], { begin: [1, 0, 1], size: [2, 3, 2], strides: [2, 1, 2] });
      const wide = builder.op(
        "broadcastTo",
        [builder.op("transpose", [builder.view(box, [2, 6])], { permutation: [1, 0] })],
        { shape: [2, 6, 2] },
      );
      const padded = builder.op("pad", [builder.view(turned, [15, 4])], {
        before: [1, 0],
        after: [0, 3],
        value: 1,
      });
      await agree(builder.program([turned, box, wide, padded]), [sample(dtype, 60, 9)]);
    }
  });

  test("concatenation and iota", async () => {
    const builder = new ProgramBuilder();
    const [a, b] = [builder.input([3, 2]), builder.input([3, 5])];
    const index = builder.op("iota", [], { shape: [3, 7], axis: 1 });
    const rows = builder.op("iota", [], { shape: [7, 3], axis: 0 });
    const joined = builder.op("concatenate", [builder.op("negative", [a]), b, a], { axis: 1 });
    const cast = builder.op(
      "cast",
      [builder.op("add", [index, builder.op("transpose", [rows], { permutation: [1, 0] })])],
      { dtype: "float32" },
    );
    await agree(builder.program([joined, cast, builder.op("copy", [index])]), [
      sample("float32", 6, 1),
      sample("float32", 15, 2),
    ]);
  });
});

describe("programs", () => {
  test("updates are computed from the old state, in place or by copy", async () => {
    const builder = new ProgramBuilder();
    const [a, b] = [
      builder.input([5, 5], "float32", "variable"),
      builder.input([5, 5], "float32", "variable"),
    ];
    const next = builder.op("add", [a, b]);
    const turned = builder.op("copy", [builder.op("transpose", [a], { permutation: [1, 0] })]);
    const product = builder.op("matmul", [a, b], { transposeA: false, transposeB: false });
    const updates = [
      { input: 0, value: next },
      { input: 1, value: turned },
    ];
    await agree(builder.program([product], updates), [sample("float32", 25, 1), sample("float32", 25, 2)]);
  });

  test("random values are core's, bit for bit, whatever their number", async () => {
    for (const [shape, dtype] of [
      [[1], "float32"],
      [[33], "float32"],
      [[5, 100], "float32"],
      [[67], "float16"],
      [[3], "float64"],
      [[7, 11], "float64"],
    ] as const) {
      const builder = new ProgramBuilder();
      const state = builder.input([4], "int32", "variable");
      const drawn = builder.op("randomUniform", [state], { shape, dtype });
      const step = builder.constant([4], "int32", [0, 0, 1, 0]);
      const program = builder.program([drawn], [{ input: 0, value: builder.op("add", [state, step]) }]);
      const [values, after] = await runOnce(cpu, program, [Int32Array.of(7, -3, 11, 5)]);
      const { uniform } = await import("@polykeras/core");
      expect(values).toEqual(Array.from(uniform([7, -3, 11, 5], sizeOf(shape), dtype)));
      expect(after).toEqual([7, -3, 12, 5]);
    }
  });

  test("special values go through fused chains", async () => {
    const builder = new ProgramBuilder();
    const x = builder.input([9]);
    const outputs = ["relu", "sign", "round", "abs", "sqrt"].map((op) => builder.op(op, [x]));
    outputs.push(builder.op("maximum", [x, builder.constant([], "float32", [0])]));
    const special = Float32Array.of(Number.NaN, Infinity, -Infinity, 0, -0, 0.5, 1.5, -2.5, 2.5);
    await agree(builder.program(outputs), [special]);
    const [, sign] = await runOnce(cpu, builder.program(outputs), [special]);
    expect(Object.is(sign![4], 0)).toBe(true);
  });

  test("memory is flat over many runs, and empty after dispose", async () => {
    const own = create();
    const builder = new ProgramBuilder();
    const w = builder.input([40], "float32", "variable");
    const next = builder.op("multiply", [
      w,
      builder.constant(
        [40],
        "float32",
        Array.from({ length: 40 }, () => 0.5),
      ),
    ]);
    const program = builder.program(
      [builder.op("sum", [next], { axes: [0] })],
      [{ input: 0, value: builder.op("copy", [next]) }],
    );
    const executable = await own.function(program);
    const variable = await own.variable({ shape: [40], dtype: "float32" }, new Float32Array(40).fill(1));
    const before = own.memory!();
    for (let i = 0; i < 10_000; i++) for (const output of await executable.run([variable])) output.dispose();
    expect(own.memory!()).toEqual(before);
    executable.dispose();
    variable.dispose();
    expect(own.memory!()).toEqual({ buffers: 0, bytes: 0 });
  });

  test("buffers and programs refuse use after dispose, and foreign buffers", async () => {
    const builder = new ProgramBuilder();
    const x = builder.input([2]);
    const executable = await cpu.function(builder.program([builder.op("exp", [x])]));
    const buffer = await (
      await cpu.placeholder({ shape: [2], dtype: "float32" })
    ).feed(Float32Array.of(0, 0));
    buffer.dispose();
    expect(() => executable.run([buffer])).toThrow("used after its dispose()");
    expect(() => executable.run([])).toThrow("run with 0");
    executable.dispose();
    expect(() => executable.run([buffer])).toThrow("after its dispose()");
  });
});

test("a gather index out of range is an error, and the program runs again", async () => {
  const builder = new ProgramBuilder();
  const [x, at, counter] = [
    builder.input([3, 5]),
    builder.input([4], "int32"),
    builder.input([3, 5], "float32", "variable"),
  ];
  const rows = builder.op("gather", [x, at]);
  const next = builder.op("add", [counter, builder.op("sum", [rows], { axes: [0] })]);
  const own = create();
  const executable = await own.function(builder.program([rows], [{ input: 2, value: next }]));
  const variable = await own.variable({ shape: [3, 5], dtype: "float32" }, new Float32Array(15));
  const feed = async (shape: number[], dtype: "float32" | "int32", data: TypedArray): Promise<Buffer> =>
    (await own.placeholder({ shape, dtype })).feed(data);
  const data = await feed([3, 5], "float32", sample("float32", 15, 1));
  const before = own.memory!();
  for (const wrong of [-1, 3, 2 ** 31 - 1]) {
    const indices = await feed([4], "int32", Int32Array.of(0, 2, wrong, 1));
    expect(() => executable.run([data, indices, variable])).toThrow(
      `gather: index ${wrong} is out of range for a tensor of shape (3, 5); use 0 to 2.`,
    );
    indices.dispose();
    expect(own.memory!()).toEqual(before);
    // What comes after the step that failed has not run.
    expect(Array.from(await variable.read())).toEqual(Array.from({ length: 15 }, () => 0));
  }
  const indices = await feed([4], "int32", Int32Array.of(0, 2, 2, 1));
  const [output] = await executable.run([data, indices, variable]);
  expect((await output!.read()).subarray(5, 10)).toEqual((await data.read()).subarray(10, 15));
});

test("a program with steps that the engine does not run is refused with all of them", () => {
  const builder = new ProgramBuilder();
  const x = builder.input([3], "float64");
  const bytes = builder.input([2, 2], "uint8");
  const product = builder.op("matmul", [bytes, bytes], { transposeA: false, transposeB: false });
  expect(() => cpu.function(builder.program([builder.op("erf", [x]), product]))).toThrow(/matmul \(.*erf \(/);
  expect(cpu.supports!({ op: "acme", attributes: {}, inputs: [], outputs: [] })).toContain("no kernel");
});

test("the variant nofma gives the engine without fused multiply-add, other names an error", async () => {
  const builder = new ProgramBuilder();
  const product = builder.op("matmul", [builder.input([9, 40]), builder.input([40, 9])], {
    transposeA: false,
    transposeB: false,
  });
  const feeds = [sample("float32", 360, 1), sample("float32", 360, 2).map((value) => value / 3)];
  const run = (engine: typeof cpu): Promise<number[][]> => runOnce(engine, builder.program([product]), feeds);
  expect(await run(create({ variant: "nofma" }))).toEqual(await run(create({ fma: false })));
  expect(() => create({ variant: "gpu" })).toThrow("no variant 'gpu'");
});
