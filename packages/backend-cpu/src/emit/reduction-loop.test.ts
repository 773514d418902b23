import { sizeOf } from "@polykeras/core";
import { expect, test } from "vitest";
import { create, createForced } from "../engine.ts";
import { agree } from "../fixtures/agree.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";

const cpu = create();

test("reductions of whole vectors share code between lengths", async () => {
  for (const length of [4, 12, 128, 9])
    for (const dtype of ["float32", "float64"] as const) {
      const builder = new ProgramBuilder();
      const x = builder.op("exp", [builder.op("tanh", [builder.input([length], dtype)])]);
      const outputs = ["mean", "sum", "max"].map((op) => builder.op(op, [x], { axes: [0] }));
      await agree(builder.program(outputs), [sample(dtype, length, 5)]);
    }
});

test("the code of a long row runs shorter ones", async () => {
  for (const length of [4096, 20_000, 128, 4])
    for (const dtype of ["float32", "float64"] as const) {
      const builder = new ProgramBuilder();
      const x = builder.op("tanh", [builder.op("exp", [builder.input([length], dtype)])]);
      const outputs = ["mean", "max"].map((op) => builder.op(op, [x], { axes: [0] }));
      await agree(builder.program(outputs), [sample(dtype, length, 6)]);
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

const columnCases: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[3, 37], [0]],
  [[7, 9], [0]],
  [[8, 64], [0]],
  [[11, 139], [0]],
  [[5, 6, 70], [1]],
  [
    [5, 6, 7, 9],
    [0, 2],
  ],
];
const forms = [
  ["usual", {}],
  ["of large loops", { largeLoop: 1 }],
  ["of huge loops", { largeLoop: 1, hugeLoop: 1 }],
] as const;
test.each(forms)(
  "columns of all lengths are reduced, beside stores, by the code %s",
  async (_name, forced) => {
    const engine = createForced({}, { forced });
    for (const [shape, axes] of columnCases)
      for (const dtype of ["float32", "float64"] as const)
        for (const costly of [false, true]) {
          const builder = new ProgramBuilder();
          const x = builder.input(shape, dtype);
          const column = builder.input(
            shape.map((dim, i) => (i === shape.length - 1 ? 1 : dim)),
            dtype,
          );
          const sum = builder.op("add", [x, column]);
          const value = costly ? builder.op("tanh", [sum]) : sum;
          const turned = builder.op("reverse", [builder.op("multiply", [sum, sum])], { axes });
          const outputs = [
            ...["sum", "mean", "max"].map((op) => builder.op(op, [value], { axes })),
            builder.op("argmax", [value], { axis: axes.at(-1)! }),
            builder.op("sum", [turned], { axes }),
            value,
          ];
          const feeds = [sample(dtype, sizeOf(shape), 9), sample(dtype, sizeOf(shape) / shape.at(-1)!, 10)];
          await agree(builder.program(outputs), feeds, 2e-6, engine);
        }
  },
);

test("how many columns are summed together makes no difference to the last bit", async () => {
  for (const [shape, axes] of columnCases) {
    const builder = new ProgramBuilder();
    const x = builder.input(shape);
    const program = builder.program([builder.op("sum", [builder.op("multiply", [x, x])], { axes })]);
    const results = await Promise.all(
      forms.map(([, forced]) =>
        runOnce(createForced({}, { forced }), program, [sample("float32", sizeOf(shape), 11)]),
      ),
    );
    for (const result of results) expect(result).toEqual(results[0]);
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
            const value = i === line ? special[line % 4]! : (i + line) % 3 === 0 && i > 0 ? sign * i : loser;
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
