import { type TypedArray, normal, sizeOf, uniform } from "@polykeras/core";
import { type Initializer, stateFor } from "./initializer.ts";

export interface Seeded {
  /** One seed gives the same values at each use; without it every use draws a seed of its own. */
  readonly seed?: number;
}

function affine(values: TypedArray, scale: number, offset: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = offset + values[i]! * scale;
  return result;
}

/** Uniform values in [minval, maxval), by default within 0.05 of 0. Source: Keras `initializers.RandomUniform`. */
export function randomUniform(
  options: Seeded & { readonly minval?: number; readonly maxval?: number } = {},
): Initializer {
  const { minval = -0.05, maxval = 0.05, seed } = options;
  // Single precision has enough bits for all but float64, at half the cost.
  return (shape, { dtype }) =>
    uniform(stateFor(seed), sizeOf(shape), dtype === "float64" ? dtype : "float32", [minval, maxval]);
}

interface NormalOptions extends Seeded {
  readonly mean?: number;
  readonly stddev?: number;
}

function normals(options: NormalOptions, truncated: boolean): Initializer {
  const { mean = 0, stddev = 0.05, seed } = options;
  return (shape) => affine(normal(stateFor(seed), sizeOf(shape), "float64", truncated), stddev, mean);
}

/** Normal values, stddev 0.05 by default. Source: Keras `initializers.RandomNormal`. */
export function randomNormal(options: NormalOptions = {}): Initializer {
  return normals(options, false);
}

/** Normal values within two standard deviations. Source: Keras `initializers.TruncatedNormal`. */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  return normals(options, true);
}
