import { type DType, K, type Program, useBackend } from "@polykeras/core";
import { afterEach, expect, test } from "vitest";
import { choicesOf } from "../choices.ts";
import { create } from "../engine.ts";
import { ProgramBuilder } from "../fixtures/program.ts";
import { recorded } from "../fixtures/recorded.ts";
import { plan } from "../plan/plan.ts";
import { timeOfSum } from "../plan/time.ts";
import { timeInTiles } from "./worth.ts";

afterEach(async () => {
  K.clearSession();
  await useBackend("cpu");
});

const choices = choicesOf(false);
const timeIn = (program: Program): number => timeInTiles(plan(program, choices), false, choices);

function timeOf(left: readonly number[], right: readonly number[], dtype: DType = "float32"): number {
  const builder = new ProgramBuilder();
  const operands = [builder.input(left, dtype), builder.input(right, dtype)];
  return timeIn(builder.program([builder.op("matmul", operands, { transposeA: false, transposeB: false })]));
}

test("products of tiles count, by their multiplications", () => {
  expect(timeOf([100, 200], [200, 300])).toBe(timeOfSum(100 * 200 * 300, 4));
  expect(timeOf([100, 200], [200, 300], "float64")).toBe(timeOfSum(100 * 200 * 300, 8));
  expect(timeOf([7, 100, 200], [7, 200, 300])).toBe(timeOfSum(7 * 100 * 200 * 300, 4));
});

test("those with code of their own do not", () => {
  // Small and of whole tiles, a row, a column, and narrow.
  expect(timeOf([128, 20], [20, 64])).toBe(0);
  expect(timeOf([1, 4096], [4096, 1000])).toBe(0);
  expect(timeOf([4096, 1000], [1000, 1])).toBe(0);
  expect(timeOf([1000, 1000], [1000, 10])).toBe(0);
  const builder = new ProgramBuilder();
  expect(timeIn(builder.program([builder.op("exp", [builder.input([1000, 1000])])]))).toBe(0);
});

test("those of a scan count for each of its steps", async () => {
  const { backend, programs } = recorded(create({ threads: 1 }));
  await useBackend(backend);
  const [samples, time, units] = [100, 7, 104];
  const weights = K.randomUniformVariable([units, units], -1, 1);
  const [last] = K.rnn(
    (input, [state]) => {
      const made = K.tanh(K.dot(input.add(state!), weights));
      return [made, [made]];
    },
    K.ones([samples, time, units]),
    [K.zeros([samples, units])],
  );
  await K.eval(last);
  const scans = programs.filter(({ steps }) => steps.some(({ op }) => op === "scan"));
  expect(scans.map(timeIn)).toEqual([time * timeOfSum(samples * units * units, 4)]);
});
