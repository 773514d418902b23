import { type TypedArray, normal, sizeOf, uniform } from "@polykeras/core";
import { words } from "../base/words.ts";
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
  return (shape, { dtype }) => {
    const [state, count] = [stateFor(seed), sizeOf(shape)];
    if (dtype === "float64") return uniform(state, count, dtype, [minval, maxval]);
    // Single precision has enough bits for all others: multiples of 2^-24 of the range.
    const drawn = words(state, count);
    const values = new Float32Array(count);
    const scale = 2 ** -24 * (maxval - minval);
    for (let i = 0; i < count; i++) values[i] = minval + (drawn[i]! >>> 8) * scale;
    return values;
  };
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
