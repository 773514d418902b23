import { sizeOf } from "@polykeras/core";
import { expect, test } from "vitest";
import { type CpuBackend, createForced } from "../engine.ts";
import { watchModules } from "../fixtures/modules.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";

/** A step of what is under test, on a value of that shape. */
type Build = (builder: ProgramBuilder, x: number, shape: readonly number[]) => readonly number[];

const reduce =
  (op: string, ...axes: number[]): Build =>
  (builder, x) => [builder.op(op, [x], op === "argmax" ? { axis: axes[0]! } : { axes })];

/** The same of a costly body, which is stored as well. */
const costly =
  (op: string, ...axes: number[]): Build =>
  (builder, x, shape) => {
    const row = builder.input(shape.slice(-1));
    const body = builder.op("exp", [builder.op("tanh", [builder.op("add", [x, row])])]);
    return [body, builder.op(op, [body], { axes })];
  };

const turned: Build = (builder, x) => {
  const half = builder.op("multiply", [x, builder.constant([], "float32", [0.3])]);
  return [builder.op("transpose", [half], { permutation: [1, 0, 2] })];
};

const cases: readonly { name: string; build: Build; shape: (size: number) => number[] }[] = [
  ...["sum", "mean", "max", "min", "prod"].flatMap((op) => [
    { name: `${op} of all of one dimension`, build: reduce(op, 0), shape: (size: number) => [size] },
    { name: `${op} of all, costly`, build: costly(op, 0, 1), shape: (size: number) => [size, 6] },
    { name: `${op} over time`, build: reduce(op, 1), shape: (size: number) => [3, size, 7] },
    { name: `${op} over time, costly`, build: costly(op, 1), shape: (size: number) => [3, size, 20] },
    { name: `${op} over samples`, build: reduce(op, 0), shape: (size: number) => [size, 9] },
    { name: `${op} of rows, costly`, build: costly(op, 1), shape: (size: number) => [size, 13] },
  ]),
  { name: "argmax of one dimension", build: reduce("argmax", 0), shape: (size) => [size] },
  { name: "argmax over time", build: reduce("argmax", 1), shape: (size) => [3, size, 6] },
  { name: "samples and time turned round", build: turned, shape: (size) => [3, size, 5] },
  { name: "time and samples turned round", build: turned, shape: (size) => [size, 3, 9] },
  {
    name: "the end of each sequence",
    build: (builder, x, [samples, size, features]) => [
      builder.op("slice", [x], {
        begin: [0, size! - 1, 0],
        strides: [1, 1, 1],
        size: [samples!, 1, features!],
      }),
    ],
    shape: (size) => [5, size, 6],
  },
];

const all = cases.flatMap((of) => [1, 2].map((threads) => ({ ...of, threads })));

test.each(all)("loops of any size: $name, $threads thread(s)", async ({ build, shape, threads }) => {
  const engines: CpuBackend[] = [];
  const fresh = (): CpuBackend => {
    const engine = createForced(
      { threads, ...(threads > 1 && { sharedFrom: 0 }) },
      { note: () => undefined },
    );
    engines.push(engine);
    return engine;
  };
  const results = (engine: CpuBackend, size: number): Promise<number[][]> => {
    const builder = new ProgramBuilder();
    const of = shape(size);
    const x = builder.input(of);
    const outputs = build(builder, x, of);
    const program = builder.program(outputs);
    const feeds = program.inputs.map(({ value }, i) => {
      const { spec } = program.values[value]!;
      return sample("float32", sizeOf(spec.shape), i + 1);
    });
    return runOnce(engine, program, feeds);
  };
  try {
    const engine = fresh();
    const sizes = [
      ...Array.from({ length: 20 }, (_, i) => 2 + i),
      ...Array.from({ length: 17 }, (_, i) => 97 + i),
    ];
    for (const size of sizes) expect(await results(engine, size)).toEqual(await results(fresh(), size));
    const { sizes: modules, stop } = watchModules();
    const others = [131, 146, 163, 40, 53];
    const found: number[][][] = [];
    try {
      for (const size of others) found.push(await results(engine, size));
    } finally {
      stop();
    }
    for (const [i, size] of others.entries()) expect(found[i]).toEqual(await results(fresh(), size));
    // Parts of rows, which several threads take, depend on how many there are.
    expect(modules.filter(() => threads === 1)).toEqual([]);
  } finally {
    for (const engine of engines) engine.dispose();
  }
});
