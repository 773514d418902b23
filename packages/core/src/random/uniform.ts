import { type DType, type TypedArray, allocate } from "../tensor/dtype.ts";
import { philox } from "./philox.ts";

/**
 * Uniform values in [low, high). Those in [0, 1) are exact multiples of a power of two: float32 keeps the upper 24 bits
 * of one word, float16 the upper 11, float64 takes 53 bits of two words (27 from the first).
 */
export function uniform(
  state: ArrayLike<number>,
  count: number,
  dtype: DType,
  [low, high]: readonly [low: number, high: number] = unit,
): TypedArray {
  const range = high - low;
  const values = allocate(dtype, count);
  if (dtype === "float64") {
    const words = philox(state, count * 2);
    for (let i = 0; i < count; i++) values[i] = low + fraction53(words[2 * i]!, words[2 * i + 1]!) * range;
    return values;
  }
  const drop = dtype === "float16" ? 21 : 8;
  const scale = 2 ** (drop - 32);
  const words = philox(state, count);
  for (let i = 0; i < count; i++) values[i] = low + (words[i]! >>> drop) * scale * range;
  return values;
}

const unit = [0, 1] as const;

/** 53 bits of two words as a value in [0, 1). */
export function fraction53(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
}
