import { type TensorSpec, type TypedArray, allocate, roundToHalf, sizeOf } from "@polykeras/core";

/**
 * A new tensor whose element i is `value(i)`, computed in float64 and rounded once to the dtype: typed arrays
 * round to float32 and wrap integers when they store, float16 is rounded here (it travels in a Float32Array).
 */
export function tensor(spec: TensorSpec, value: (i: number) => number): TypedArray {
  const data = allocate(spec.dtype, sizeOf(spec.shape));
  if (spec.dtype === "float16") for (let i = 0; i < data.length; i++) data[i] = roundToHalf(value(i));
  else for (let i = 0; i < data.length; i++) data[i] = value(i);
  return data;
}
