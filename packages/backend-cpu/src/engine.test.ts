import { create as createReference } from "@polykeras/backend-reference";
import { type Buffer, type DType, type Program, type TypedArray, sizeOf } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { create } from "./engine.ts";
import { decompose } from "./fixtures/decompose.ts";
import { ProgramBuilder, runOnce, sample } from "./fixtures/program.ts";

const cpu = create();
const reference = createReference();

/** Both engines on the same data; numbers must agree to `tolerance` relative to the larger of 1 and the value. */
async function agree(program: Program, feeds: readonly TypedArray[], tolerance = 2e-6): Promise<void> {
  const [ours, theirs] = [
    await runOnce(cpu, program, feeds),
    await runOnce(reference, decompose(program), feeds),
  ];
  for (const [i, wanted] of theirs.entries())
    for (const [j, value] of wanted.entries()) {
      const got = ours[i]![j]!;
      if (Object.is(got, value) || got === value) continue;
      if (!(Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value))))
        throw new Error(`result ${i} at ${j} is ${got}, the reference has ${value}`);
    }
}

const dtypes = ["float32", "float64", "float16", "int32", "uint8", "bool"] as const;
const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[5], [5]],
  [[17], []],
  [[3, 5], [5]],
  [
    [3, 5],
    [3, 1],
  ],
  [
    [4, 1, 7],
    [3, 1],
  ],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [[64, 8], [8]],
  [[0, 3], [3]],
  [
    [1, 33],
    [2, 1],
  ],
];

describe("elementwise", () => {
  const binary: Record<string, readonly DType[]> = {
    add: ["float32", "float64", "float16", "int32", "uint8"],
    subtract: ["float32", "float64", "float16", "int32", "uint8"],
    multiply: ["float32", "float64", "float16", "int32", "uint8"],
    divide: ["float32", "float64", "float16"],
    floorDivide: ["float32", "float64", "int32", "uint8"],
    mod: ["float32", "float64", "int32", "uint8"],
    maximum: ["float32", "float64", "int32", "uint8"],
    minimum: ["float32", "float64", "int32", "uint8"],
    equal: dtypes,
    notEqual: dtypes,
    less: ["float32", "float64", "int32", "uint8"],
    lessEqual: ["float32", "float64", "int32", "uint8"],
    logicalAnd: ["bool"],
    logicalOr: ["bool"],
  };
  for (const [op, types] of Object.entries(binary))
    test(`${op} broadcasts in every dtype`, async () => {
      for (const dtype of types)
        for (const [a, b] of shapes) {
          const builder = new ProgramBuilder();
          const result = builder.op(op, [builder.input(a, dtype), builder.input(b, dtype)]);
          await agree(builder.program([result]), [sample(dtype, sizeOf(a), 1), sample(dtype, sizeOf(b), 2)]);
        }
    });

  test("where and cast between all dtypes, after other ops", async () => {
    for (const from of dtypes)
      for (const to of dtypes)
        for (const shape of [[37], [3, 5]]) {
          const builder = new ProgramBuilder();
          const [x, mask] = [
            builder.input(shape, from),
            builder.input([5].slice(0, shape.length - 1), "bool"),
          ];
          const result = builder.op("cast", [builder.op("where", [mask, x, x])], { dtype: to });
          await agree(builder.program([result]), [
            sample(from, sizeOf(shape), 3),
            sample("bool", 5, 4).slice(0, shape.length === 1 ? 1 : 5),
          ]);
        }
  });

  test("a chain with shared subexpressions is one group and stores only what is read", async () => {
    const builder = new ProgramBuilder();
    const [x, b] = [builder.input([6, 10]), builder.input([10])];
    const h = builder.op("relu", [builder.op("add", [x, b])]);
    const y = builder.op("multiply", [h, builder.op("exp", [h])]);
    const z = builder.op("where", [builder.op("less", [h, y]), h, builder.op("negative", [y])]);
    await agree(builder.program([y, z]), [sample("float32", 60, 5), sample("float32", 10, 6)]);
  });

  test("integers wrap, and division by 0 gives 0", async () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input([6], "int32"), builder.input([6], "int32")];
    const outputs = ["add", "multiply", "floorDivide", "mod"].map((op) => builder.op(op, [x, y]));
    const feeds = [
      Int32Array.of(2147483647, -2147483648, 7, -7, 7, -2147483648),
      Int32Array.of(1, -1, 0, 2, -2, 3),
    ];
    await agree(builder.program(outputs), feeds);
  });
});

describe("reductions", () => {
  test("of whole vectors share code between lengths", async () => {
    for (const length of [4, 12, 128, 9])
      for (const dtype of ["float32", "float64"] as const) {
        const builder = new ProgramBuilder();
        const x = builder.op("exp", [builder.op("tanh", [builder.input([length], dtype)])]);
        const outputs = ["mean", "sum", "max"].map((op) => builder.op(op, [x], { axes: [0] }));
        await agree(builder.program(outputs), [sample(dtype, length, 5)]);
      }
  });

  const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[7], [0]],
    [[64], [0]],
    [[5, 9], [0]],
    [[5, 9], [1]],
    [
      [3, 4, 5],
      [0, 2],
    ],
    [[3, 4, 5], [1]],
    [
      [2, 3, 4, 5],
      [1, 3],
    ],
    [
      [33, 70],
      [0, 1],
    ],
    [[4, 0], [1]],
    [[3, 1, 2], [1]],
    [[128, 64], [0]],
  ];
  for (const op of ["sum", "max", "min", "mean"])
    test(`${op} over any axes, alone and after elementwise ops`, async () => {
      for (const dtype of ["float32", "float64", "float16", "int32", "uint8"] as const)
        for (const [shape, axes] of cases) {
          if (op === "mean" && !dtype.startsWith("float")) continue;
          const builder = new ProgramBuilder();
          const x = builder.input(shape, dtype);
          const doubled = builder.op("add", [x, x]);
          const outputs = [
            builder.op(op, [x], { axes }),
            builder.op(op, [doubled], { axes }),
            builder.op("copy", [doubled]),
          ];
          // The reference rounds a mean twice, the sum and the quotient: in half precision that shows.
          const tolerance = op === "mean" && dtype === "float16" ? 2e-3 : 2e-6;
          await agree(builder.program(outputs), [sample(dtype, sizeOf(shape), 7)], tolerance);
        }
    });

  test("max and min of long rows and columns find NaN and the sign of 0 wherever they are", async () => {
    const [rows, columns] = [40, 40];
    for (const dtype of ["float32", "float64"] as const)
      for (const [op, sign, winner, loser] of [
        ["max", -1, 0, -0],
        ["min", 1, -0, 0],
      ] as const)
        for (const axis of [0, 1]) {
          const builder = new ProgramBuilder();
          const x = builder.input([rows, columns], dtype);
          const program = builder.program([builder.op(op, [x], { axes: [axis] })]);
          // Line i has NaN, the zero that wins, only the other zero, or an infinity at its place i.
          const special = [Number.NaN, winner, loser, -sign * Infinity];
          const data = dtype === "float32" ? new Float32Array(1600) : new Float64Array(1600);
          for (let line = 0; line < 40; line++)
            for (let i = 0; i < 40; i++) {
              const value =
                i === line ? special[line % 4]! : (i + line) % 3 === 0 && i > 0 ? sign * i : loser;
              data[axis === 1 ? line * 40 + i : i * 40 + line] = value;
            }
          const [result] = await runOnce(create(), program, [data]);
          expect(result).toEqual(Array.from({ length: 40 }, (_, line) => special[line % 4]));
        }
  });

  test("argmax takes the first of equals, and NaN", async () => {
    for (const dtype of ["float32", "float64", "int32", "uint8"] as const)
      for (const [shape, axis] of [
        [[9], 0],
        [[4, 11], 1],
        [[11, 6], 0],
        [[3, 5, 2], 1],
        [[2, 1], 1],
      ] as const) {
        const builder = new ProgramBuilder();
        const result = builder.op("argmax", [builder.input(shape, dtype)], { axis });
        const data = sample(dtype, sizeOf(shape), 8, 0.01);
        await agree(builder.program([result]), [data]);
        if (!dtype.startsWith("float")) continue;
        data[3] = Number.NaN;
        data[1] = Number.NaN;
        await agree(builder.program([result]), [data]);
        await agree(builder.program([result]), [data.fill(-Infinity)]);
      }
  });

  test("a long sum of float32 keeps its accuracy", async () => {
    const builder = new ProgramBuilder();
    const result = builder.op("sum", [builder.input([1_000_001])], { axes: [0] });
    const data = new Float32Array(1_000_001).fill(0.1);
    const [total] = await runOnce(cpu, builder.program([result]), [data]);
    expect(total![0]).toBe(Math.fround(1_000_001 * Math.fround(0.1)));
  });
});

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
