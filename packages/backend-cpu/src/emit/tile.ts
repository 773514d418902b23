import type { DType } from "@polykeras/core";
import type { PlainInstruction } from "../wasm/instructions.ts";

/** Rows and vectors, of 128 bits, of C that a micro-kernel holds in registers. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
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

/** A tile in words: rows x vectors. */
export function tileKey({ rows, vectors }: Tile): string {
  return `${rows}x${vectors}`;
}

/** The tile that is the fastest where `knowsTile` says so: 6x8 with fused multiply-add, 5x8 without. */
export function defaultTile(fma: boolean): Tile {
  return { rows: fma ? 6 : 5, vectors: 2 };
}

/** How far loops of convolutions are unrolled: not at all on V8 11 and 12, which run out of registers then. */
export function defaultSteps(fma: boolean): number {
  const version = v8Major();
  return version >= 13 || (version === 0 && fma) ? 4 : 1;
}

/** The fastest where V8 joins pairs of vectors. */
export const pairedTile: Tile = { rows: 6, vectors: 4 };

/** Tiles that may be the fastest on some engine: for the 16 vector registers of x64, then for the 32 of ARM. */
export const candidates: readonly Tile[] = [
  { rows: 4, vectors: 2 },
  { rows: 5, vectors: 2 },
  { rows: 6, vectors: 2 },
  { rows: 8, vectors: 2 },
  pairedTile,
];

/** Major versions of V8 on which the tiles were measured, on x64. */
const measuredVersions: ReadonlySet<number> = new Set([11, 12, 13, 14, 15]);

/** Whether `defaultTile` was measured on such an engine and processor. */
export function knowsTile(): boolean {
  return globalThis.process?.arch === "x64" && measuredVersions.has(v8Major());
}

/** V8's version where the process tells it, else 0. Bun names that of the Node it stands in for, but has no V8. */
function v8Major(): number {
  const { versions } = globalThis.process ?? {};
  if (!versions?.v8 || versions["bun"] !== undefined) return 0;
  return Number.parseInt(versions.v8, 10);
}
