import { type Attributes, type DType, sizeOf } from "@polykeras/core";
import { afterAll, expect, test, vi } from "vitest";
import { create } from "../engine.ts";
import { ProgramBuilder, at, runOnce, sample } from "../fixtures/program.ts";

// For machines that are busy.
vi.setConfig({ testTimeout: 120_000 });

const one = create({ threads: 1 });
/** Everything is cut, into as many chunks as may be, and only what is worth it, into as many as are. */
const several = [2, 3].flatMap((threads) => [create({ threads, sharedFrom: 0 }), create({ threads })]);

afterAll(() => {
  for (const engine of several) engine.dispose();
});

type Build = (builder: ProgramBuilder) => readonly number[];
const op =
  (
    name: string,
    shapes: readonly (readonly number[])[],
    attributes: Attributes = {},
    dtype: DType = "float32",
  ): Build =>
  (builder) =>
    builder.outputs(
      name,
      shapes.map((shape) => builder.input(shape, dtype)),
      attributes,
    );

const product = (
  m: number,
  k: number,
  n: number,
  transposed: readonly [boolean, boolean] = [false, false],
  batch: readonly number[] = [],
  dtype: DType = "float32",
): Build => {
  const [transposeA, transposeB] = transposed;
  const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
  return op(
    "matmul",
    shapes.map((shape) => [...batch, ...shape]),
    { transposeA, transposeB },
    dtype,
  );
};

/** relu(a b + bias), whose end runs on the product's tiles. */
const dense: Build = (builder) => {
  const [a, b] = [builder.input([331, 70]), builder.input([70, 301])];
  const y = builder.op("matmul", [a, b], { transposeA: false, transposeB: false });
  return [builder.op("relu", [builder.op("add", [y, builder.input([301])])])];
};

const softmax: Build = (builder) => {
  const x = builder.input([300, 377]);
  const rows = builder.view(builder.op("max", [x], { axes: [1] }), [300, 1]);
  const grown = builder.op("exp", [builder.op("subtract", [x, rows])]);
  const totals = builder.view(builder.op("sum", [grown], { axes: [1] }), [300, 1]);
  return [builder.op("divide", [grown, totals])];
};

const windows = {
  window: [2, 3],
  strides: [2, 2],
  padding: [
    [0, 1],
    [1, 1],
  ],
};

const cases: Readonly<Record<string, Build>> = {
  "a product by columns": product(150, 300, 270),
  "a product by rows": product(1000, 270, 50),
  "a product by rows, transposed both": product(1003, 90, 33, [true, true]),
  "a product by columns, transposed both": product(99, 301, 400, [true, true]),
  "a product in float64": product(300, 260, 130, [false, true], [], "float64"),
  "a product in float16": product(200, 270, 130, [true, false], [], "float16"),
  "a product in int32": product(300, 60, 130, [false, true], [], "int32"),
  "products of a batch": product(40, 50, 60, [false, true], [17]),
  "products of a small batch": product(101, 270, 260, [false, false], [3]),
  "a row by a matrix": product(1, 300, 1000),
  "a row by a transposed matrix": product(1, 300, 1002, [false, true]),
  "a matrix by a column": product(1001, 300, 1),
  "a transposed matrix by a column": product(1001, 300, 1, [true, false]),
  "a dense layer": dense,
  softmax,
  "a chain over many elements": (builder) => {
    const x = builder.input([100_003]);
    return [builder.op("tanh", [builder.op("multiply", [x, x])])];
  },
  "a loop with rows and columns repeated": (builder) => {
    const [x, row, column] = [builder.input([401, 303]), builder.input([303]), builder.input([401, 1])];
    return [builder.op("exp", [builder.op("multiply", [builder.op("add", [x, row]), column])])];
  },
  "a transposition": op("transpose", [[403, 507]], { permutation: [1, 0] }),
  "a mean of rows": op("mean", [[603, 301]], { axes: [1] }),
  "sums of columns": op("sum", [[603, 305]], { axes: [0] }),
  "means of columns": op("mean", [[603, 305]], { axes: [0] }),
  "sums of a middle axis, in float64": op("sum", [[31, 103, 65]], { axes: [1] }, "float64"),
  "the largest of a row": op("argmax", [[403, 311]], { axis: 1 }),
  "the largest of a column": op("max", [[403, 311]], { axes: [0] }),
  "random numbers": (builder) => [
    builder.op("randomUniform", [builder.input([4], "int32")], { shape: [100_001], dtype: "float32" }),
  ],
  "random numbers in float64": (builder) => [
    builder.op("randomUniform", [builder.input([4], "int32")], { shape: [100_003], dtype: "float64" }),
  ],
  "a dropout": (builder) => {
    const bits = builder.op("randomUniform", [builder.input([4], "int32")], {
      shape: [200, 501],
      dtype: "float32",
    });
    const x = builder.input([200, 501]);
    const zero = builder.constant([], "float32", [0]);
    const rate = builder.constant([], "float32", [0.5]);
    return [builder.op("where", [builder.op("less", [bits, rate]), x, zero])];
  },
  "the largest of windows": op("maxPool", [[9, 31, 33, 18]], windows),
  "sums of windows": op("sumPool", [[9, 31, 33, 18]], windows, "float16"),
  "running sums": op("cumsum", [[301, 203]], { axis: 1, exclusive: false, reverse: true }),
  "the best of rows": op("topK", [[203, 301]], { k: 7 }),
  "a gather": (builder) => [builder.op("gather", [builder.input([41, 130]), builder.input([3003], "int32")])],
  "rows that are added up": (builder) => {
    const indices = builder.op("mod", [builder.input([3003], "int32"), builder.constant([], "int32", [201])]);
    return [builder.op("scatterAdd", [indices, builder.input([3003, 36])], { rows: 190 })];
  },
  "rows that are added to others": (builder) => {
    const [x, rows] = [builder.input([190, 36]), builder.input([3003, 36])];
    const indices = builder.op("mod", [builder.input([3003], "int32"), builder.constant([], "int32", [201])]);
    return [builder.op("indexAdd", [builder.op("exp", [x]), indices, rows])];
  },
  "a cast to bytes that only store": op("cast", [[100_003]], { dtype: "int16" }),
};

test.each(Object.entries(cases))("%s has the same bits for all threads", async (_name, build) => {
  const builder = new ProgramBuilder();
  const program = builder.program(build(builder));
  const feeds = program.inputs.map(({ value }, i) => {
    const { shape, dtype } = at(program.values, value).spec;
    const data = sample(dtype, sizeOf(shape), i + 1);
    return dtype === "int32" ? data.map((x) => Math.abs(x)) : data;
  });
  const wanted = await runOnce(one, program, feeds);
  for (const engine of several) {
    const before = engine.threads().claimed.reduce((sum, chunks) => sum + chunks, 0);
    const got = await runOnce(engine, program, feeds);
    for (const [i, values] of wanted.entries()) {
      const wrong = values.findIndex((value, j) => !Object.is(at(at(got, i), j), value));
      if (wrong >= 0)
        throw new Error(`result ${i} differs at ${wrong}: ${at(got, i)[wrong]}, not ${values[wrong]}`);
    }
    const chunks = engine.threads().claimed.reduce((sum, count) => sum + count, 0) - before;
    expect(chunks).toBeGreaterThanOrEqual(engine === several[0] || engine === several[2] ? 2 : 0);
  }
});
