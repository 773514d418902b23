import type { DType, ValueId } from "@polykeras/core";
import { describe, expect, test } from "vitest";
import { choicesOf } from "../choices.ts";
import { create } from "../engine.ts";
import { ProgramBuilder, at, runOnce } from "../fixtures/program.ts";
import { plan } from "./plan.ts";
import { printPlan } from "./print.ts";

const usual = choicesOf(false);

/** Whether e^x of the value is taken by the rule for x <= 0. */
function isKnown(make: (builder: ProgramBuilder, x: ValueId) => ValueId, dtype: DType = "float32"): boolean {
  const builder = new ProgramBuilder();
  const program = builder.program([builder.op("exp", [make(builder, builder.input([6, 6], dtype))])]);
  return printPlan(program, plan(program, usual)).includes("exp.nonPositive");
}

describe("the exponential of what is never positive", () => {
  test("is known from the ops that made it", () => {
    expect(isKnown((b, x) => x)).toBe(false);
    expect(isKnown((b, x) => b.op("negative", [b.op("abs", [x])]))).toBe(true);
    expect(isKnown((b, x) => b.op("negative", [b.op("relu", [x])]))).toBe(true);
    expect(isKnown((b, x) => b.op("abs", [x]))).toBe(false);
    expect(isKnown((b, x) => b.op("minimum", [x, b.constant([], "float32", [0])]))).toBe(true);
    expect(isKnown((b, x) => b.op("minimum", [x, b.constant([], "float32", [1])]))).toBe(false);
    expect(isKnown((b, x) => b.op("minimum", [x, b.constant([], "float32", [Number.NaN])]))).toBe(false);
    expect(isKnown((b, x) => b.op("maximum", [x, b.constant([], "float32", [0])]))).toBe(false);
  });

  test("is known of x less its maxima, where each stands beside what it is the maximum of", () => {
    const less = (axes: readonly number[], shape: readonly number[], reduce = "max"): boolean =>
      isKnown((b, x) => b.op("subtract", [x, b.view(b.op(reduce, [x], { axes }), shape)]));
    expect(less([1], [6, 1])).toBe(true);
    expect(less([0], [1, 6])).toBe(true);
    expect(less([0, 1], [1, 1])).toBe(true);
    // The maximum of row j beside column j.
    expect(less([1], [1, 6])).toBe(false);
    expect(less([1], [6])).toBe(false);
    expect(less([1], [6, 1], "min")).toBe(false);
    expect(isKnown((b, x) => b.op("subtract", [b.view(b.op("max", [x], { axes: [1] }), [6, 1]), x]))).toBe(
      false,
    );
    const other = (b: ProgramBuilder, x: ValueId): ValueId =>
      b.op("subtract", [b.op("negative", [x]), b.view(b.op("max", [x], { axes: [1] }), [6, 1])]);
    expect(isKnown(other)).toBe(false);
  });

  test.each([true, false])(
    "is exact to 1e-15 in float64, and to the last bit below its normal numbers (%s)",
    async (fused) => {
      const builder = new ProgramBuilder();
      const values = Float64Array.of(
        0,
        -0,
        -Infinity,
        Number.NaN,
        -745.2,
        -746,
        -1e300,
        2 ** -1074,
        744.5,
        740,
      );
      const all = Float64Array.from({ length: 4000 }, (_, i) => values[i] ?? (i - 10) * 0.18);
      const x = builder.input([all.length], "float64");
      const program = builder.program([
        builder.op("exp", [builder.op("negative", [builder.op("abs", [x])])]),
      ]);
      expect(printPlan(program, plan(program, usual))).toContain("exp.nonPositive");
      const got = at(await runOnce(create(fused ? {} : { fma: false }), program, [all]), 0);
      const wrong = got.flatMap((value, i) => {
        const exact = Math.exp(-Math.abs(at(all, i)));
        const isRight = Math.abs(value - exact) <= Math.max(1e-15 * exact, 2 ** -1074);
        return Object.is(value, exact) || isRight ? [] : [[all[i], value]];
      });
      expect(wrong).toEqual([]);
    },
  );
});
