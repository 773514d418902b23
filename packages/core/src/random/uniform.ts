import { type DType, type TypedArray, allocate } from "../tensor/dtype.ts";
import { philox } from "./philox.ts";

/**
 * Uniform values in [0, 1), exact multiples of a power of two: float32 keeps the upper 24 bits of one word,
 * float16 the upper 11, float64 takes 53 bits of two words (27 from the first).
 */
export function uniform(state: ArrayLike<number>, count: number, dtype: DType): TypedArray {
  const values = allocate(dtype, count);
  if (dtype === "float64") {
    const words = philox(state, count * 2);
    for (let i = 0; i < count; i++) values[i] = fraction53(words[2 * i]!, words[2 * i + 1]!);
    return values;
  }
  const drop = dtype === "float16" ? 21 : 8;
  const scale = 2 ** (drop - 32);
  const words = philox(state, count);
  for (let i = 0; i < count; i++) values[i] = (words[i]! >>> drop) * scale;
  return values;
}

/** 53 bits of two words as a value in [0, 1). */
export function fraction53(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
}
