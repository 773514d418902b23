import {
  type Data,
  type DType,
  type TypedArray,
  ArgumentError,
  ShapeError,
  formatShape,
  nextSeed,
  readValue,
  sameShape,
  sizeOf,
  toDType,
} from "@polykeras/core";

/** Makes the initial values of a weight: numbers in row-major order, or nested arrays of the shape. */
export type Initializer = (shape: readonly number[], options: { readonly dtype: DType }) => Data;

/** The state of a stream that a seed selects; without one, of a fresh stream. */
export function stateFor(seed: number | undefined): readonly number[] {
  const key = seed ?? nextSeed();
  return [key | 0, Math.floor(key / 2 ** 32) | 0, 0, 0];
}

/** Runs an initializer and checks what it gives. Throws ShapeError naming the weight. */
export function initialValues(
  make: Initializer,
  weight: string,
  shape: readonly number[],
  dtype: DType,
): TypedArray {
  const where = `The initializer of weight '${weight}'`;
  const given: unknown = make(shape, { dtype });
  // Passing the factory, `initializers.zeros` for `initializers.zeros()`, works as passing the class in Python.
  const value = typeof given === "function" ? Reflect.apply(given, undefined, [shape, { dtype }]) : given;
  const host = readValue(value, where);
  if (host.data.length !== sizeOf(shape) || (host.shape.length > 1 && !sameShape(host.shape, shape)))
    throw new ShapeError(
      `${where} gave values of shape ${formatShape(host.shape)}; the weight has shape ${formatShape(shape)}.`,
    );
  return toDType(host.data, dtype);
}

/** Two axes, for initializers of matrices. */
export function matrixShape(name: string, shape: readonly number[]): readonly [number, number] {
  const [rows, columns] = shape;
  if (shape.length === 2 && rows !== undefined && columns !== undefined) return [rows, columns];
  throw new ArgumentError(
    `initializers.${name} makes matrices; the weight has shape ${formatShape(shape)}. Use another initializer.`,
  );
}
