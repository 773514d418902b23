import type { Attributes, DType } from "@polykeras/core";
import type { Expressions, Vector } from "../emit/expression.ts";

type Emit = (e: Expressions, ...operands: readonly Vector[]) => Vector;

/** What is known of all elements; NaN may be among them in any case. */
export type Sign = "nonNegative" | "nonPositive" | "any";

/** What is known of an op's operands, which are named by their index. */
export interface Known {
  readonly sign: (operand: number) => Sign;
  /** Whether no element of the first is above that of the second which it meets. */
  readonly isAtMost: (a: number, b: number) => boolean;
}

/**
 * An elementwise op on registers. `float` serves f32x4 and f64x2 (`e.shape` tells which); `int` four 32-bit
 * lanes, which hold uint8 too; `bool` masks. A comparison leaves a mask as wide as its operands' lanes.
 * Operands are cheap to evaluate and may be used several times.
 */
export interface Elementwise {
  readonly kind: "elementwise";
  /** About how many vector instructions four float32 lanes take: what unrolling and fusion go by. */
  readonly cost: number;
  /** How many plain ops it stands for, 1 by default: what the size of a loop's body goes by. */
  readonly size?: number;
  readonly float?: Emit;
  readonly int?: Emit;
  readonly bool?: Emit;
  /** Why float64 does not run here, where `float` is for f32x4 alone. */
  readonly notFloat64?: string;
  /** Why float16 does not run here: an op that stands for several would be rounded once. */
  readonly notFloat16?: string;
  /** The result is one of the operands or a small integer: nothing to round to half precision, no wrap to uint8. */
  readonly exact?: boolean;
  /** What follows for the sign of the result, for floats. */
  readonly sign?: (known: Known) => Sign;
  /** The rule for floats of which none is positive, where that is cheaper. */
  readonly nonPositive?: Elementwise;
}

export function elementwise(rule: Omit<Elementwise, "kind">): Elementwise {
  return { kind: "elementwise", ...rule };
}

/** The lanes that hold a dtype in registers. */
export type LaneKind = "f32" | "f64" | "i32" | "mask";

export function laneKind(dtype: DType): LaneKind | null {
  if (dtype === "float32" || dtype === "float16") return "f32";
  if (dtype === "float64") return "f64";
  if (dtype === "int32" || dtype === "uint8") return "i32";
  return dtype === "bool" ? "mask" : null;
}

/** A list of whole numbers among the attributes, as the op's definition promises it. */
export function numbers(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? value.map(Number) : [];
}

export function number(attributes: Attributes, name: string): number {
  return Number(attributes[name]);
}
