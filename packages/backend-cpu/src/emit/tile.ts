import type { DType } from "@polykeras/core";
import type { PlainInstruction } from "../wasm/instructions.ts";

/** Rows and vectors of C that a micro-kernel holds in registers, and how often its k loop is unrolled. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
  readonly unroll: number;
}

/** How a product's elements are multiplied and added in lanes. */
export interface Arithmetic {
  readonly bytes: 4 | 8;
  readonly width: 2 | 4;
  readonly shape: "f32x4" | "i32x4" | "f64x2";
  readonly mul: PlainInstruction;
  readonly add: PlainInstruction;
  readonly madd: PlainInstruction | null;
}

export function arithmeticOf(dtype: DType, fma: boolean): Arithmetic {
  if (dtype === "int32")
    return { bytes: 4, width: 4, shape: "i32x4", mul: "i32x4.mul", add: "i32x4.add", madd: null };
  if (dtype === "float64")
    return {
      bytes: 8,
      width: 2,
      shape: "f64x2",
      mul: "f64x2.mul",
      add: "f64x2.add",
      madd: fma ? "f64x2.relaxed_madd" : null,
    };
  return {
    bytes: 4,
    width: 4,
    shape: "f32x4",
    mul: "f32x4.mul",
    add: "f32x4.add",
    madd: fma ? "f32x4.relaxed_madd" : null,
  };
}

/**
 * The tile that was fastest: 6x8 with fused multiply-add, 5x8 without on V8 12 and later, 4x8 on V8 11
 * (Node 20) and elsewhere. V8 versions come from the process, where there is one.
 */
export function defaultTile(fma: boolean): Tile {
  if (fma) return { rows: 6, vectors: 2, unroll: 2 };
  return v8Major() >= 12 ? { rows: 5, vectors: 2, unroll: 2 } : { rows: 4, vectors: 2, unroll: 1 };
}

/** How far loops of convolutions are unrolled: on V8 11, whose code spills registers then, not at all. */
export function defaultSteps(fma: boolean): number {
  return fma || v8Major() >= 12 ? 4 : 1;
}

/** The fastest where V8 joins pairs of vectors. */
export const pairedTile: Tile = { rows: 6, vectors: 4, unroll: 1 };

function v8Major(): number {
  const host: unknown = Reflect.get(globalThis, "process");
  const versions: unknown = host && typeof host === "object" ? Reflect.get(host, "versions") : null;
  const v8: unknown = versions && typeof versions === "object" ? Reflect.get(versions, "v8") : null;
  return typeof v8 === "string" ? Number.parseInt(v8, 10) : 0;
}
