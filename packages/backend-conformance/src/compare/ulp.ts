import type { DType } from "@polykeras/core";

export type FloatDType = "float16" | "float32" | "float64";

/** What the tolerances need of a floating-point format: unit roundoff and smallest normal number. */
const formats: Readonly<Record<FloatDType, { readonly unit: number; readonly smallest: number }>> = {
  float16: { unit: 2 ** -11, smallest: 2 ** -14 },
  float32: { unit: 2 ** -24, smallest: 2 ** -126 },
  float64: { unit: 2 ** -53, smallest: 2 ** -1022 },
};

export function isFloatDType(dtype: DType): dtype is FloatDType {
  return Object.hasOwn(formats, dtype);
}

/** Half of the distance from 1 to the next number. */
export function unitRoundoff(dtype: FloatDType): number {
  return formats[dtype].unit;
}

export function smallestNormal(dtype: FloatDType): number {
  return formats[dtype].smallest;
}

/** The distance between neighbours of the format at |x|; below the smallest normal number it does not shrink. */
export function ulpOf(x: number, dtype: FloatDType): number {
  const { unit, smallest } = formats[dtype];
  return 2 * unit * 2 ** exponentOf(Math.max(Math.abs(x), smallest));
}

/** floor(log2(x)) of a positive, finite, normal number, exactly. */
function exponentOf(x: number): number {
  view.setFloat64(0, x);
  return ((view.getUint16(0) >> 4) & 2047) - 1023;
}

const view = new DataView(new ArrayBuffer(8));

/**
 * How far apart two numbers are, in units in the last place of the larger of |want| and `scale`; 0 for equals,
 * NaN with NaN included, infinite where just one is finite.
 */
export function ulpDistance(got: number, want: number, dtype: FloatDType, scale = 0): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Infinity;
  return Math.abs(got - want) / ulpOf(Math.max(Math.abs(want), scale), dtype);
}
