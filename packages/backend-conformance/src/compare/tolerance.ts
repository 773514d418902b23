import type { DType } from "@polykeras/core";
import type { Tolerance } from "../vectors/format.ts";
import { type FloatDType, isFloatDType, ulpOf, unitRoundoff } from "./ulp.ts";

/** The error that a rule allows at magnitude `size`. */
type Rule = (limit: number, size: number, dtype: FloatDType, length: number) => number;

const rules: Readonly<Record<Tolerance["rule"], Rule>> = {
  exact: () => 0,
  ulp: (limit, size, dtype) => limit * ulpOf(size, dtype),
  sum: (limit, size, dtype, length) => Math.min(limit, (length + 2) * unitRoundoff(dtype)) * size,
  relative: (limit, size) => limit * size,
};

/**
 * The largest error allowed at an element whose truth is `want`. `scale` is what a sum's rounding errors are a
 * part of (0: |want| alone), `length` the number of its terms. Integers and bool are exact.
 */
export function allowedError(
  tolerance: Tolerance,
  dtype: DType,
  want: number,
  scale: number,
  length: number,
): number {
  if (!isFloatDType(dtype)) return 0;
  return rules[tolerance.rule](tolerance[dtype], Math.max(Math.abs(want), scale), dtype, length);
}
