import { type DType, sizeOf } from "@polykeras/core";
import { test } from "vitest";
import { agree } from "../fixtures/agree.ts";
import { ProgramBuilder, sample } from "../fixtures/program.ts";

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
        const [x, mask] = [builder.input(shape, from), builder.input([5].slice(0, shape.length - 1), "bool")];
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
