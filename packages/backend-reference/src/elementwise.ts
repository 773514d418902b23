import { type Kernel, type TypedArray, isFloat, sizeOf, toInt32 } from "@polykeras/core";
import { broadcastIndices, isDense } from "./indices.ts";
import { tensor } from "./rounding.ts";

/** A kernel of one input, whose shape is the output's. */
export function unary(compute: (x: number) => number): Kernel<TypedArray> {
  return ([x], _attributes, output) => tensor(output, (i) => compute(x!.handle[i]!));
}

/**
 * A kernel of two inputs that broadcast to the output's shape. `ofInts` serves integers where float64 would
 * lose bits (a product) or where the definition differs (a division by 0).
 */
export function binary(
  ofFloats: (x: number, y: number) => number,
  ofInts: (x: number, y: number) => number = ofFloats,
): Kernel<TypedArray> {
  return ([x, y], _attributes, output) => {
    const compute = isFloat(x!.spec.dtype) ? ofFloats : ofInts;
    const [readX, readY] = [x!, y!].map(({ handle, spec }) => reader(handle, spec.shape, output.shape));
    return tensor(output, (i) => compute(readX!(i), readY!(i)));
  };
}

/** x where the condition holds, else y. */
export const where: Kernel<TypedArray> = (inputs, _attributes, output) => {
  const [condition, x, y] = inputs.map(({ handle, spec }) => reader(handle, spec.shape, output.shape));
  return tensor(output, (i) => (condition!(i) ? x!(i) : y!(i)));
};

/** To bool: not zero. To integers: toward zero, wrapping; int32 marks what does not fit. To floats: rounded. */
export const cast: Kernel<TypedArray> = ([x], _attributes, output) => {
  const data = x!.handle;
  if (output.dtype === "bool") return tensor(output, (i) => Number(data[i] !== 0));
  if (output.dtype === "int32" && isFloat(x!.spec.dtype)) return tensor(output, (i) => toInt32(data[i]!));
  return tensor(output, (i) => data[i]!);
};

/** Reads an input at the output's element i. */
function reader(data: TypedArray, from: readonly number[], to: readonly number[]): (i: number) => number {
  if (isDense(from, to)) return (i) => data[i]!;
  if (sizeOf(from) === 1) return () => data[0]!;
  const at = broadcastIndices(from, to);
  return (i) => data[at[i]!]!;
}
