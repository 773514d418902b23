import { type Program, type TypedArray, sizeOf } from "@polykeras/core";
import { expect, test } from "vitest";
import { createForced } from "../engine.ts";
import { agree } from "../fixtures/agree.ts";
import { watchModules } from "../fixtures/modules.ts";
import { ProgramBuilder, runOnce, sample } from "../fixtures/program.ts";

const numbers = [0.1, -3.25, 128, 1 / 104, 1e-45, 3e38, -0, 0, 1, Number.NaN, Infinity, -Infinity];

/** x * number + sum over the rows of x * number, and a padding of that number. */
function programOf(shape: readonly number[], number: number): Program {
  const builder = new ProgramBuilder();
  const x = builder.input(shape);
  const factor = builder.constant([], "float32", [number]);
  const scaled = builder.op("multiply", [x, factor]);
  const sum = builder.op("sum", [scaled], { axes: [0], keepdims: false });
  const best = builder.op("argmax", [builder.op("add", [x, factor])], { axis: 0 });
  const before = shape.map(() => 1);
  const padded = builder.op("pad", [x], { before, after: before, value: number });
  return builder.program([builder.op("copy", [scaled]), sum, best, padded]);
}

for (const shape of [[5], [3, 5], [4, 8], [40, 36]])
  test(`numbers in loops over (${shape.join(", ")}) count as constants do`, async () => {
    for (const number of numbers) {
      const given = sample("float32", sizeOf(shape), 3);
      given[0] = Math.abs(number) < 1 ? 1 : number;
      await agree(programOf(shape, number), [given]);
    }
  });

for (const threads of [1, 2])
  test(`programs that differ in float32 constants alone share their code on ${threads} threads`, async () => {
    const shape = [64, 36];
    const data: readonly TypedArray[] = [sample("float32", sizeOf(shape), 3)];
    // Told of its code, it shares none with other engines.
    const backend = createForced({ threads, sharedFrom: 0 }, { note: () => undefined });
    const first = await runOnce(backend, programOf(shape, 0.1), data);
    const second = await runOnce(backend, programOf(shape, 0.2), data);
    const modules = watchModules();
    const third = await runOnce(backend, programOf(shape, -7.5), data);
    modules.stop();
    expect(modules.sizes).toEqual([]);
    expect(second).not.toEqual(first);
    expect(third).not.toEqual(second);
    backend.dispose();
  });
