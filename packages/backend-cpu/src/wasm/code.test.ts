import { describe, expect, test } from "vitest";
import wabt from "wabt";
import { Code } from "./code.ts";
import { laneRows, memoryLaneRows, memoryRows, plainRows } from "./instructions.ts";
import { ModuleBuilder } from "./module.ts";
import { AssemblerError, type ValueType, letters } from "./types.ts";

const features = { simd: true, bulk_memory: true, sat_float_to_int: true, relaxed_simd: true };

/** Every instruction once, between parameters and results of its types. */
function everyInstruction(): ModuleBuilder {
  const module = new ModuleBuilder();
  const one = (operands: string, result: string, emit: (code: Code) => void): void => {
    const parameters = Array.from(operands, (letter): ValueType => letters[letter]!);
    module.function(
      parameters,
      Array.from(result, (letter) => letters[letter]!),
      (code) => {
        for (const i of parameters.keys()) code.get(i);
        emit(code);
      },
    );
  };
  for (const [, operands, result, names] of plainRows)
    for (const name of names) one(operands, result, (code) => code.op(name));
  for (const [, operands, result, names] of memoryRows)
    for (const name of names) one(operands, result, (code) => code.mem(name, 300));
  for (const [, operands, result, names] of memoryLaneRows)
    for (const name of names) one(operands, result, (code) => code.memLane(name, 5, 1));
  for (const [, operands, result, names] of laneRows)
    for (const name of names) one(operands, result, (code) => code.lane(name, 1));
  return module;
}

describe("the assembler", () => {
  test("writes every instruction as wabt reads it", async () => {
    const module = everyInstruction();
    const tools = await wabt();
    const read = tools.readWasm(module.finish().slice(), { ...features, readDebugNames: false });
    read.validate();
    const text = read.toText({ foldExprs: false, inlineExport: false });
    for (const rows of [plainRows, memoryRows, memoryLaneRows, laneRows])
      for (const [, , , names] of rows) for (const name of names) expect(text).toContain(name);
    read.destroy();
  });

  test("writes constants, control and locals as wabt reads them", async () => {
    const module = new ModuleBuilder();
    const callee = module.shared(
      "callee",
      ["i32"],
      (code) => code.word(0, 300).f64(-0).op("f64.neg").op("i32.trunc_sat_f64_s").op("i32.add"),
      ["i32"],
    );
    const main = module.function(["i32"], ["i32"], (code) => {
      const [count, wide, vector] = [code.local("i32"), code.local("i64"), code.local("v128")];
      code
        .i64(-(2n ** 62n))
        .i64(64n)
        .op("i64.xor")
        .set(wide);
      code.i32(-2147483648).i32(63).op("i32.sub").i32(64).op("i32.add").set(count);
      code
        .constant("f32x4", 1.5)
        .constant("f32x4", 1.5)
        .op("f32x4.add")
        .splat("f64x2", Math.PI)
        .op("v128.or")
        .set(vector);
      code.i32x4(1, -2, 3, 4).get(vector).shuffle32([0, 5, 2, 7]).set(vector);
      code.block(() => {
        code.loop(() => {
          code
            .get(count)
            .call(callee)
            .tee(count)
            .if(
              () => code.get(0).i32(0).i32(8).memoryFill(),
              () => code.get(0).get(0).i32(8).memoryCopy(),
            );
          code.get(count).op("i32.eqz").brIf(1);
          code.get(count).i32(10).op("i32.lt_s").brIf(0);
        });
      });
      code.get(count).i32(7).get(0).select();
    });
    module.export("main", main);
    const tools = await wabt();
    const read = tools.readWasm(module.finish().slice(), features);
    read.validate();
    const text = read.toText({ foldExprs: false, inlineExport: false });
    for (const part of [
      "i64.const -4611686018427387904",
      "i32.const -2147483648",
      "f64.const -0x0p+0",
      "i32.load offset=300",
      "memory.fill",
      'export "main"',
    ])
      expect(text).toContain(part);
    expect(module.shared("callee", ["i32"], () => expect.fail("emitted twice"), ["i32"])).toBe(callee);
    read.destroy();
  });

  test("refuses what does not type-check, where it is emitted", () => {
    const code = (): Code => new Code(0, ["i32", "v128"], []);
    expect(() => code().get(0).get(1).op("f32x4.add")).toThrow(
      "f32x4.add takes v128; the operand stack has i32, v128",
    );
    expect(() => code().op("i32.add")).toThrow("nothing");
    expect(() => code().get(1).set(0)).toThrow(AssemblerError);
    expect(() => code().get(7)).toThrow("There is no local 7");
    expect(() =>
      code()
        .get(0)
        .if(() => code().get(0)),
    ).not.toThrow();
    const inner = code();
    expect(() => inner.block(() => inner.get(0))).toThrow("A block leaves i32");
    const outside = code();
    expect(() => outside.get(0).block(() => outside.op("i32.eqz"))).toThrow("i32.eqz takes i32");
    expect(() => code().assign(1, "f32x4.add", 0, 1)).toThrow("local 0 is not");
    expect(() => code().loadTo(0, "v128.load", 0, 4)).toThrow("does not hold");
    const module = new ModuleBuilder();
    expect(() => module.function([], ["i32"], () => {})).toThrow("end takes i32");
    expect(() => module.function([], [], (body) => body.i32(1))).toThrow("leaves i32");
  });

  test("takes pieces statement by statement in turn, each with its own locals", () => {
    const module = new ModuleBuilder();
    const twice = module.shared("twice", ["i32"], (code) => code.get(0).i32(2).op("i32.mul"), ["i32"]);
    const order: number[] = [];
    const main = module.function(["i32"], ["i32"], (code) => {
      const results = [0, 1, 2].map(() => code.local("i32"));
      const piece = (i: number) => (): void => {
        const local = code.local("i32");
        order.push(local);
        code.get(0).i32(i).op("i32.add").set(local);
        code.get(local).call(twice).set(local);
        code.get(local).if(() => code.get(local).call(twice).set(local));
        code.get(local).set(results[i]!);
        code.release(local);
      };
      code.interleave([piece(0), piece(1), piece(2)]);
      // What the pieces released may be had again.
      expect(order).toContain(code.local("i32"));
      code.get(results[0]!).i32(100).op("i32.mul").get(results[1]!).op("i32.add");
      code.i32(100).op("i32.mul").get(results[2]!).op("i32.add");
    });
    module.export("main", main);
    const { main: run } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), {
      e: { m: new WebAssembly.Memory({ initial: 1, maximum: 65536 }) },
    }).exports;
    if (typeof run !== "function") throw new TypeError("no function");
    expect(new Set(order).size).toBe(3);
    expect(run(1)).toBe(4 * 10000 + 8 * 100 + 12);
  });
});
