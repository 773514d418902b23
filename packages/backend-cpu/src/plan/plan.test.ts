import type { Program } from "@polykeras/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { choicesOf } from "../choices.ts";
import { Compiler } from "../compiler.ts";
import { emitModule } from "../emit/module.ts";
import { create } from "../engine.ts";
import { agree } from "../fixtures/agree.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";
import { programKey } from "../key.ts";
import { heap } from "../memory/heap.ts";
import { BodyCache, KernelLibrary } from "../wasm/module.ts";
import { probe } from "../wasm/probe.ts";
import { plan } from "./plan.ts";
import { printPlan } from "./print.ts";

const usual = choicesOf(false);
const product = { transposeA: false, transposeB: false };

/** Dense layer with relu, and what its backward pass keeps. */
function dense(rows: number): ProgramBuilder {
  const builder = new ProgramBuilder();
  const [x, w, b] = [builder.input([rows, 32]), builder.input([32, 64]), builder.input([64])];
  builder.op("relu", [builder.op("add", [builder.op("matmul", [x, w], product), b])]);
  return builder;
}

describe("fusion", () => {
  test("elementwise ops of one shape, and of shapes with other 1s, are one loop", () => {
    const builder = new ProgramBuilder();
    const [x, row] = [builder.input([8, 1, 16]), builder.input([16])];
    const sum = builder.op("add", [x, row]);
    const flat = builder.op("exp", [builder.view(sum, [8, 16])]);
    const result = builder.op("multiply", [flat, builder.op("negative", [flat])]);
    const planned = plan(builder.program([result]), usual);
    expect(planned.groups).toHaveLength(1);
    // Only the result is written.
    expect(printPlan(builder.program([result]), planned).match(/store/g)).toHaveLength(1);
  });

  test("a reduction takes the loop that makes its operand with it", () => {
    const builder = new ProgramBuilder();
    const x = builder.input([8, 16]);
    const square = builder.op("multiply", [x, x]);
    const outputs = [builder.op("sum", [square], { axes: [1] }), builder.op("max", [square], { axes: [1] })];
    expect(plan(builder.program(outputs), usual).groups).toHaveLength(1);
    outputs.push(builder.op("sum", [square], { axes: [0] }));
    expect(plan(builder.program(outputs), usual).groups).toHaveLength(2);
  });

  test("sums of a constant are constants, and one repeated element needs no copy in another shape", async () => {
    const builder = new ProgramBuilder();
    const one = builder.op("broadcastTo", [builder.constant([], "float32", [1])], { shape: [8, 1] });
    const count = builder.op("sum", [one], { axes: [0, 1] });
    const x = builder.input([8, 1]);
    const share = builder.op("divide", [builder.input([]), count]);
    const row = builder.op("broadcastTo", [share], { shape: [8] });
    const program = builder.program([builder.op("multiply", [x, builder.view(row, [8, 1])])]);
    expect(plan(program, usual).groups).toHaveLength(2);
    const [result] = await runOnce(create(), program, [sample("float32", 8, 1), Float32Array.of(4)]);
    expect(result).toEqual(Array.from(sample("float32", 8, 1), (value) => value / 2));
  });

  test("an operand that is read in another order starts a loop of its own", () => {
    const builder = new ProgramBuilder();
    const x = builder.op("exp", [builder.input([8, 8])]);
    const result = builder.op("add", [x, builder.op("transpose", [x], { permutation: [1, 0] })]);
    expect(plan(builder.program([result]), usual).groups).toHaveLength(2);
  });

  test("bias and activation are the epilogue of a large product, and a loop after a small one", () => {
    for (const [rows, groups] of [
      [2048, 1],
      [128, 2],
    ] as const) {
      const builder = dense(rows);
      const program = builder.program([builder.values.length - 1]);
      expect(plan(program, usual).groups).toHaveLength(groups);
    }
  });

  test("a product that others read too is stored beside its epilogue", () => {
    const builder = dense(2048);
    const raw = builder.steps[0]!.outputs[0]!;
    const total = builder.op("sum", [raw], { axes: [0] });
    const planned = plan(builder.program([builder.values.length - 2, total]), usual);
    expect(planned.groups.map(({ kind }) => kind)).toEqual(["product", "loop"]);
    expect(printPlan(builder.program([total]), planned)).toContain(`store %${raw}`);
  });
});

describe("routines", () => {
  test("read layouts that stand in order as they are, others as copies, and share code over batches", () => {
    const keys = [3, 5].map((rows) => {
      const builder = new ProgramBuilder();
      const x = builder.input([rows, 4, 6]);
      const order = { axis: 1, exclusive: false, reverse: false };
      const straight = builder.op("cumsum", [builder.op("exp", [x])], order);
      const turned = builder.op("cumsum", [builder.op("reverse", [x], { axes: [0] })], order);
      const { groups } = plan(builder.program([straight, turned]), usual);
      expect(groups.map(({ kind }) => kind)).toEqual(["loop", "routine", "loop", "routine"]);
      return groups.flatMap((group) => (group.kind === "routine" ? [group.code.key] : []));
    });
    expect(keys[0]).toEqual(keys[1]);
  });

  test("a reversal costs no group: the loop that reads it goes backward", () => {
    const builder = new ProgramBuilder();
    const x = builder.input([4, 6]);
    const sum = builder.op("add", [x, builder.op("reverse", [x], { axes: [0, 1] })]);
    expect(plan(builder.program([sum]), usual).groups).toHaveLength(1);
  });

  test("an output that nobody reads has a place too", async () => {
    const builder = new ProgramBuilder();
    const [values] = builder.outputs("topK", [builder.input([1, 4])], { k: 2 });
    const [got] = await runOnce(create(), builder.program([values!]), [Float32Array.of(3, 7, 7, 1)]);
    expect(got).toEqual([7, 7]);
  });

  test("updates that come before one which may stop the run wait for its end", () => {
    const builder = new ProgramBuilder();
    const [w, x, at] = [
      builder.input([4, 6], "float32", "variable"),
      builder.input([4, 6]),
      builder.input([4], "int32"),
    ];
    const early = builder.op("subtract", [w, x]);
    const rows = builder.op("gather", [builder.op("exp", [x]), at]);
    expect(plan(builder.program([rows], [{ input: 0, value: early }]), usual).copies).toHaveLength(1);
    const late = builder.op("subtract", [w, rows]);
    expect(plan(builder.program([], [{ input: 0, value: late }]), usual).copies).toHaveLength(0);
    expect(plan(builder.program([], [{ input: 0, value: rows }]), usual).copies).toHaveLength(1);
  });
});

describe("updates", () => {
  test("are written in place where nothing reads the old value later", () => {
    const builder = new ProgramBuilder();
    const [w, g] = [builder.input([40], "float32", "variable"), builder.input([40])];
    const next = builder.op("subtract", [w, g]);
    expect(plan(builder.program([], [{ input: 0, value: next }]), usual).copies).toHaveLength(0);
    const later = builder.op("sum", [builder.op("multiply", [w, builder.op("exp", [next])])], { axes: [0] });
    expect(plan(builder.program([later], [{ input: 0, value: next }]), usual).copies).toHaveLength(0);
  });

  test("are copied where the old value is read in another order or later", () => {
    const builder = new ProgramBuilder();
    const w = builder.input([8, 8], "float32", "variable");
    const turned = builder.op("copy", [builder.op("transpose", [w], { permutation: [1, 0] })]);
    expect(plan(builder.program([], [{ input: 0, value: turned }]), usual).copies).toHaveLength(1);
    const next = builder.op("exp", [w]);
    const after = builder.op("matmul", [next, w], product);
    expect(plan(builder.program([after], [{ input: 0, value: next }]), usual).copies).toHaveLength(1);
  });
});

describe("rows that are added", () => {
  const table = [5000, 16] as const;
  const tableBytes = 5000 * 16 * 4;
  function lookup(): { builder: ProgramBuilder; w: number; at: number; rows: number } {
    const builder = new ProgramBuilder();
    const w = builder.input(table, "float32", "variable");
    const [at, rows] = [builder.input([20], "int32"), builder.input([20, 16])];
    return { builder, w, at, rows: builder.op("negative", [rows]) };
  }

  test("change the variable itself, and need no more memory than there are rows", () => {
    const { builder, w, at, rows } = lookup();
    const next = builder.op("indexAdd", [w, at, rows]);
    const planned = plan(builder.program([], [{ input: 0, value: next }]), usual);
    expect(planned.copies).toEqual([]);
    expect(planned.places.get(next)).toEqual(planned.places.get(w));
    expect(planned.arenaBytes).toBeLessThan(tableBytes / 10);
  });

  test("change it also behind a pass over the whole, and behind other rows", () => {
    const { builder, w, at, rows } = lookup();
    const smaller = builder.op("multiply", [w, builder.constant([], "float32", [0.5])]);
    const between = builder.op("indexAdd", [smaller, at, rows]);
    const next = builder.op("indexAdd", [between, at, rows]);
    const planned = plan(builder.program([], [{ input: 0, value: next }]), usual);
    expect(planned.copies).toEqual([]);
    for (const id of [smaller, between, next]) expect(planned.places.get(id)).toEqual(planned.places.get(w));
    expect(planned.arenaBytes).toBeLessThan(tableBytes / 10);
  });

  test("change a copy where the rows are the first ones of something larger", async () => {
    const builder = new ProgramBuilder();
    const [x, at, rows] = [builder.input([64, 16]), builder.input([3], "int32"), builder.input([3, 16])];
    const attributes = { begin: [0, 0], size: [2, 16], strides: [1, 1] };
    const first = builder.op("slice", [builder.op("negative", [x])], attributes);
    const after = builder.input([2, 16]);
    const program = builder.program([builder.op("indexAdd", [first, at, rows]), builder.op("exp", [after])]);
    const [data, ones] = [new Float32Array(1024).fill(2), new Float32Array(48).fill(1)];
    const got = await runOnce(create(), program, [data, Int32Array.of(1, 1, 5), ones, new Float32Array(32)]);
    expect(got[0]).toEqual(Array.from({ length: 32 }, (_, i) => (i < 16 ? -2 : 0)));
    expect(got[1]).toEqual(Array.from({ length: 32 }, () => 1));
    const planned = plan(program, usual);
    const [negative] = program.steps[0]!.outputs;
    expect(planned.places.get(negative!)).not.toEqual(planned.places.get(program.outputs[0]!));
  });

  test("change a copy where something reads the old value later", async () => {
    const { builder, w, at, rows } = lookup();
    const next = builder.op("indexAdd", [w, at, rows]);
    const after = builder.op("multiply", [builder.op("exp", [next]), w]);
    const program = builder.program([after], [{ input: 0, value: next }]);
    const planned = plan(program, usual);
    expect(planned.places.get(next)).not.toEqual(planned.places.get(w));
    expect(planned.copies).toHaveLength(1);
    const old = sample("float32", 80_000, 1);
    const places = Int32Array.from({ length: 20 }, (_, i) => (i * 5) % 50);
    const [got] = await runOnce(create(), program, [old, places, new Float32Array(320).fill(0.25)]);
    const counts = Array.from({ length: 5000 }, (_, row) => places.filter((to) => to === row).length);
    const truth = Array.from(old, (value, i) => Math.exp(value - 0.25 * counts[Math.floor(i / 16)]!) * value);
    const wrong = got!.findIndex(
      (value, i) => !(Math.abs(value - truth[i]!) <= 1e-6 * Math.max(1, Math.abs(truth[i]!))),
    );
    expect(wrong).toBe(-1);
  });
});

describe("the arena", () => {
  test("a long chain of products lives in the space of a few", () => {
    const builder = new ProgramBuilder();
    let x = builder.input([16, 16]);
    const w = builder.input([16, 16]);
    for (let i = 0; i < 100; i++) x = builder.op("matmul", [x, w], product);
    expect(plan(builder.program([x]), usual).arenaBytes).toBe(2 * 1024);
  });
});

describe("compiled code", () => {
  afterEach(() => vi.unstubAllGlobals());

  test("is compiled asynchronously where a page's main thread would refuse", async () => {
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {});
    const program = (rows: number): Program => {
      const builder = dense(rows);
      let last = builder.values.length - 1;
      for (const op of ["tanh", "log1p", "erf", "expm1", "sin", "sigmoid"]) last = builder.op(op, [last]);
      return builder.program([builder.op("power", [last, last])]);
    };
    const compiler = new Compiler({ heap: heap(), fma: false });
    const pending = compiler.compile(program(37));
    expect(pending).toBeInstanceOf(Promise);
    const { run } = await pending;
    expect(run).toBeTypeOf("function");
    // The code of another size is there, so that nothing is compiled.
    expect(compiler.compile(program(42))).toHaveProperty("run", run);
  });

  test("of kernels is imported by programs of other batch sizes", () => {
    const options = {
      fma: false,
      choices: usual,
      cache: new BodyCache(),
      library: new KernelLibrary(),
    };
    const emitted = [128, 104].map((rows) => {
      const builder = dense(rows);
      const program = builder.program([builder.values.length - 1]);
      const made = emitModule(plan(program, usual), options);
      const bytes = made.finish();
      const imports = made.imports();
      const all = { ...imports, e: { m: heap().memory } };
      made.keep(new WebAssembly.Instance(new WebAssembly.Module(bytes), all));
      return { size: bytes.length, kernels: Object.keys(imports["k"] ?? {}).length };
    });
    expect(emitted.map(({ kernels }) => kernels)).toEqual([0, 2]);
    expect(emitted[1]!.size).toBeLessThan(emitted[0]!.size / 2);
  });

  test("is shared by programs of the same structure, whatever their names and large constants", () => {
    const build = (scale: number, table: number): ReturnType<ProgramBuilder["program"]> => {
      const builder = new ProgramBuilder();
      const x = builder.input([6]);
      const scaled = builder.op("multiply", [x, builder.constant([], "float32", [scale])]);
      return builder.program([
        builder.op("add", [scaled, builder.constant([6], "float32", [table, 2, 3, 4, 5, 6])]),
      ]);
    };
    const compiler = Compiler.of({ heap: heap(), fma: probe().fma });
    expect(compiler.compile(build(2, 1))).toBe(compiler.compile(build(2, 7)));
    expect(compiler.compile(build(2, 1))).not.toBe(compiler.compile(build(3, 1)));
    expect(programKey(build(0, 1))).not.toBe(programKey(build(-0, 1)));
    const plain = { heap: heap(), fma: false };
    expect(Compiler.of(plain)).toBe(Compiler.of({ ...plain }));
    expect(Compiler.of(plain)).not.toBe(Compiler.of({ ...plain, heap: heap(true) }));
  });
});

describe("the place of an output", () => {
  const isLarge = (program: Program): boolean => plan(program, usual).arenaBytes >= 4 * 64 * 64;
  const run = (program: Program): Promise<void> => agree(program, [sample("float32", 64 * 64, 3)]);

  /** A softmax without its maximum: e^x is stored, and read once more. */
  function softmax(builder: ProgramBuilder): { readonly exp: number; readonly result: number } {
    const exp = builder.op("exp", [builder.input([64, 64])]);
    const total = builder.view(builder.op("sum", [exp], { axes: [1] }), [64, 1]);
    return { exp, result: builder.op("divide", [exp, total]) };
  }

  test("holds before it what is read there for the last time, element by element", async () => {
    const builder = new ProgramBuilder();
    const program = builder.program([softmax(builder).result]);
    expect(isLarge(program)).toBe(false);
    await run(program);
  });

  test("holds nothing that is read in another order, or later", async () => {
    const turned = new ProgramBuilder();
    const { exp } = softmax(turned);
    const sum = turned.op("add", [exp, turned.op("transpose", [exp], { permutation: [1, 0] })]);
    const later = new ProgramBuilder();
    const made = softmax(later);
    const columns = later.op("sum", [made.exp], { axes: [0] });
    for (const program of [turned.program([sum]), later.program([made.result, columns])]) {
      expect(isLarge(program)).toBe(true);
      await run(program);
    }
  });
});
