import { type TensorSpec, sizeOf } from "@polykeras/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Body, Scope } from "./scope.ts";
import { type Computed, storedType } from "./storage.ts";

type Axes = { readonly axes: readonly number[] };

/** Elements of one value. */
export function fill(scope: Scope, { shape, dtype }: TensorSpec, value: number): TensorInfo {
  const type: Computed = storedType(dtype);
  return scope.run("Fill", {}, { shape: [...shape], value, dtype: type });
}

/** A reduction; the engines leave the result of reducing nothing undefined, so `empty` stands there. */
function reduction(name: string, empty: (integer: boolean) => number): Body<Axes> {
  return (scope, [x], { axes }, output) => {
    if (sizeOf(x!.shape) === 0) return fill(scope, output, empty(output.dtype === "int32"));
    const all = [...axes];
    if (all.length === 0) return x!;
    return scope.run(name, { x: x! }, { axis: all, reductionIndices: all, keepDims: false });
  };
}

export const sum: Body<Axes> = reduction("Sum", () => 0);
export const max: Body<Axes> = reduction("Max", (integer) => (integer ? -(2 ** 31) : -Infinity));
export const min: Body<Axes> = reduction("Min", (integer) => (integer ? 2 ** 31 - 1 : Infinity));

/** `ArgMax` passes over NaN; here the first NaN is the largest. */
export const argmax: Body<{ readonly axis: number }> = (scope, [x], { axis }) => {
  const largest = scope.run("ArgMax", { x: x! }, { axis });
  if (x!.dtype !== "float32") return largest;
  const nan = scope.run("Cast", { x: scope.run("NotEqual", { a: x!, b: x! }) }, { dtype: "float32" });
  const first = scope.run("ArgMax", { x: nan }, { axis });
  const some = scope.run("Max", { x: nan }, { reductionIndices: [axis], keepDims: false });
  const condition = scope.run("Less", { a: scope.session.scalar(0, "float32"), b: some });
  return scope.run("Select", { condition, t: first, e: largest });
};
