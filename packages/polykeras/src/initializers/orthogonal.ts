import { ArgumentError, formatShape, normal, sizeOf } from "@polykeras/core";
import { type Initializer, stateFor } from "./initializer.ts";
import type { Seeded } from "./random.ts";

/**
 * A matrix with orthonormal columns (or rows, whichever are fewer); further leading axes count as rows.
 * Saxe et al., 2014. Source: Keras `initializers.Orthogonal`.
 */
export function orthogonal(options: Seeded & { readonly gain?: number } = {}): Initializer {
  const { gain = 1, seed } = options;
  return (shape) => {
    if (shape.length < 2)
      throw new ArgumentError(
        `initializers.orthogonal needs at least two axes; the weight has shape ${formatShape(shape)}.`,
      );
    const columns = shape.at(-1)!;
    const rows = sizeOf(shape) / columns;
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const basis = orthonormal(normal(stateFor(seed), long * short, "float64", false), long, short);
    const values = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        values[r * columns + c] = gain * (rows < columns ? basis[r]![c]! : basis[c]![r]!);
    return values;
  };
}

/** `count` orthonormal vectors of `length` elements by Gram-Schmidt, twice for accuracy. */
function orthonormal(values: ArrayLike<number>, length: number, count: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, (_, k) => values[i * length + k]!);
    for (const before of [...basis, ...basis]) {
      const share = dot(vector, before);
      for (let k = 0; k < length; k++) vector[k] = vector[k]! - share * before[k]!;
    }
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => value / norm));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
