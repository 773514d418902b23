import { K, type Program, deserialise, printProgram, serialise, verify } from "@polykeras/core";
import { beforeAll, describe, expect, test } from "vitest";
import { restricted } from "../runtime/fixtures/restricted.ts";

let program: Program;

beforeAll(async () => {
  const engine = restricted("printer", ({ op }) => (op === "sigmoid" ? "decompose it" : null));
  const x = K.placeholder({ shape: [null, 2], name: "x" });
  const w = K.variable([[1], [2]], { name: "w" });
  const y = K.reshape(K.sigmoid(K.dot(x, w)), [-1]);
  await K.function([x], [y], { updates: [K.updateAdd(w, K.sum(y))], backend: engine })([[[1, 2]]]);
  program = engine.programs[0]!;
});

describe("a program", () => {
  test("prints one line a step", () => {
    expect(printProgram(program).split("\n")).toEqual([
      "%0 = variable 'w' : (2, 1) float32",
      "%1 = placeholder 'x' : (1, 2) float32",
      "%2 = constant [1] : () float32",
      "%3 = matmul(%1, %0) { transposeA: false, transposeB: false } : (1, 1) float32",
      "%4 = negative(%3) : (1, 1) float32  free %3",
      "%5 = exp(%4) : (1, 1) float32  free %4",
      "%6 = add(%2, %5) : (1, 1) float32  free %5",
      "%7 = divide(%2, %6) : (1, 1) float32  free %6",
      "%10 = add(%0, %7[]) : (2, 1) float32",
      "update 'w' := %10",
      "return %7[1]",
    ]);
  });

  test("survives a trip through JSON and bytes", () => {
    const back = deserialise(serialise(program));
    expect(back).toEqual(program);
    expect(printProgram(back)).toBe(printProgram(program));
  });

  test("attributes keep NaN, infinities and -0", () => {
    const odd: Program = {
      ...program,
      steps: program.steps.map((step) => ({
        ...step,
        attributes: { a: [Number.NaN, -Infinity, -0], b: null },
      })),
    };
    expect(deserialise(serialise(odd)).steps[0]!.attributes).toEqual({
      a: [Number.NaN, -Infinity, -0],
      b: null,
    });
  });

  test("bad text is one clear error", () => {
    expect(() => deserialise({ json: "{}", binary: new Uint8Array() })).toThrow("not a program of format 1");
    const { json } = serialise(program);
    expect(() => deserialise({ json, binary: new Uint8Array(2) })).toThrow("cut off");
  });
});

describe("verify", () => {
  const broken =
    (change: Partial<Program>): (() => void) =>
    () =>
      verify({ ...program, ...change });

  test("accepts what lowering makes", () => expect(broken({})).not.toThrow());

  test("a value read after it was freed", () => {
    const [first, ...rest] = program.steps;
    expect(broken({ steps: [{ ...first!, frees: [2] }, ...rest] })).toThrow("already freed");
  });
  test("a step before its inputs", () => {
    expect(broken({ steps: program.steps.toReversed() })).toThrow("not there yet");
  });
  test("an output that is an input", () => {
    expect(broken({ outputs: [0] })).toThrow("whose storage no step made");
  });
  test("two results in one storage", () => {
    expect(broken({ outputs: [7, 7] })).toThrow("shares the storage");
  });
  test("an update of something else than a variable, or with another spec", () => {
    expect(broken({ updates: [{ input: 1, value: 10 }] })).toThrow("not a variable");
    expect(broken({ outputs: [], updates: [{ input: 0, value: 7 }] })).toThrow("has spec");
  });
  test("a view of another size", () => {
    const values = program.values.map((value) =>
      value.viewOf === undefined ? value : { ...value, spec: { ...value.spec, shape: [3] } },
    );
    expect(broken({ values })).toThrow("cannot view");
  });
});
