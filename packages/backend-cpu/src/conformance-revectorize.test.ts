import { setFlagsFromString } from "node:v8";
import { describeBackend } from "@polykeras/backend-conformance/vitest";
import { afterAll, describe, expect, test } from "vitest";
import { type CpuBackend, create } from "./engine.ts";
import { ProgramBuilder, runOnce, sample } from "./fixtures/program.ts";
import { selfTest } from "./self-test.ts";
import { canRevectorize } from "./wasm/revectorize.ts";

const answer = canRevectorize();

/** Only what the optimising compiler makes is joined: it makes all from now on, at the first call. */
function revectorized(): CpuBackend {
  const engine = create({ variant: "revectorize", threads: 1 });
  setFlagsFromString("--no-liftoff");
  return engine;
}

afterAll(() => {
  setFlagsFromString("--liftoff");
  setFlagsFromString("--no-experimental-wasm-revectorize");
});

if (answer === true)
  describeBackend("cpu:revectorize", revectorized, {
    every: process.env["POLYKERAS_LONG"] ? 1 : 24,
  });

describe("the variant revectorize", () => {
  const givesBits = async (): Promise<void> => {
    const [m, k, n] = [67, 300, 130];
    const builder = new ProgramBuilder();
    const [x, w, b] = [builder.input([m, k]), builder.input([k, n]), builder.input([n])];
    const dense = builder.op("add", [
      builder.op("matmul", [x, w], { transposeA: false, transposeB: false }),
      b,
    ]);
    const outputs = [dense, builder.op("tanh", [dense]), builder.op("sum", [dense], { axes: [0] })];
    const program = builder.program(outputs);
    const feeds = [m * k, k * n, n].map((count, i) => sample("float32", count, i + 1));
    const plain = await runOnce(create({ threads: 1 }), program, feeds);
    expect(await runOnce(revectorized(), program, feeds)).toEqual(plain);
  };

  const isRefused = (): void =>
    expect(() => create({ variant: "revectorize" })).toThrow(`'cpu:revectorize' cannot run here: ${answer}`);

  const [name, check] =
    answer === true
      ? (["gives the bits of the plain engine", givesBits] as const)
      : (["is refused with the reason", isRefused] as const);
  test(name, check);

  test("finds wrong results", () => {
    const wrong = selfTest(({ outputs, values }) =>
      outputs.map((id) => new Float32Array(values[id]!.spec.shape.reduce((a, dim) => a * dim, 1))),
    );
    expect(wrong).toMatch(/^its self-test gives 0 where \d+ is right/);
  });
});
