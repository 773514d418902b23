import type { Mode } from "../variants.ts";

/** What kernels are written for. */
export interface Target {
  readonly mode: Mode;
  /** Arrays that one kernel may read. */
  readonly arguments: number;
}

export const webasm: Target = { mode: "webasm", arguments: Infinity };

/**
 * From so many elements on, threads that return what they make give four neighbours: fewer threads, but longer sources.
 * Where results stand four to a texel, uploads of that length do as well.
 */
export const wide: number = 2 ** 16;

/** Whether the language's own division, square root and functions are as exact as JavaScript's. */
export function isExact({ mode }: Target): boolean {
  return mode === "webasm";
}
