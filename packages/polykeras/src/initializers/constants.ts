import { sizeOf } from "@polykeras/core";
import { type Initializer, matrixShape } from "./initializer.ts";

/** Zeros. Source: Keras `initializers.Zeros`. */
export function zeros(): Initializer {
  return constant({ value: 0 });
}

/** Ones. Source: Keras `initializers.Ones`. */
export function ones(): Initializer {
  return constant({ value: 1 });
}

/** One number everywhere, 0 by default. Source: Keras `initializers.Constant`. */
export function constant(options: { readonly value?: number } = {}): Initializer {
  return (shape) => new Float64Array(sizeOf(shape)).fill(options.value ?? 0);
}

/** `gain` on the diagonal of a matrix. Source: Keras `initializers.Identity`. */
export function identity(options: { readonly gain?: number } = {}): Initializer {
  return (shape) => {
    const [rows, columns] = matrixShape("identity", shape);
    const values = new Float64Array(rows * columns);
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = options.gain ?? 1;
    return values;
  };
}
