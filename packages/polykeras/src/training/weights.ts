import { ArgumentError, ShapeError, formatShape, readValue } from "@polykeras/core";
import { type Column, column } from "./column.ts";
import type { Values } from "./data.ts";

/** Class index to weight. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** Weights per sample from the caller's, the classes', or both multiplied; null if neither is given. */
export function readWeights(
  target: Column,
  sampleWeight: Values | undefined,
  classWeight: ClassWeight | undefined,
  where: string,
): Column | null {
  const given = sampleWeight === undefined ? null : readSampleWeight(sampleWeight, target, where);
  if (classWeight === undefined) return given;
  const byClass = weightOfClass(target, classWeight, where);
  if (!given) return byClass;
  return { ...given, data: given.data.map((weight, i) => weight * byClass.data[i]!) };
}

function readSampleWeight(value: Values, target: Column, where: string): Column {
  const name = `${where}: sampleWeight`;
  const host = readValue(value, name);
  const shape = host.shape.length === 2 && host.shape[1] === 1 ? host.shape.slice(0, 1) : host.shape;
  if (shape[0] !== target.shape[0] || shape.length >= Math.max(2, target.shape.length))
    throw new ShapeError(
      `${name} has shape ${formatShape(host.shape)}; expected one weight per sample, (${target.shape[0]},).`,
    );
  return column({ ...host, shape }, `${target.name}_sample_weight`, weightDType(target), name);
}

function weightDType(target: Column): "float32" | "float64" {
  return target.dtype === "float64" ? "float64" : "float32";
}

/** The class of a target: the index, or the place of the largest element of a one-hot vector. */
function weightOfClass(target: Column, weights: ClassWeight, where: string): Column {
  const { data, shape, stride } = target;
  if (shape.length > 2)
    throw new ArgumentError(
      `${where}: classWeight is only supported for targets of one class per sample; got ${formatShape(shape)}.`,
    );
  const of = weights instanceof Map ? (k: number) => weights.get(k) : (k: number) => Reflect.get(weights, k);
  const result = new Float64Array(shape[0]!);
  for (let i = 0; i < result.length; i++) {
    let label = data[i * stride]!;
    if (stride > 1) {
      label = 0;
      for (let k = 1; k < stride; k++) if (data[i * stride + k]! > data[i * stride + label]!) label = k;
    }
    const weight: unknown = of(Math.trunc(label)) ?? 1;
    if (typeof weight !== "number")
      throw new ArgumentError(`${where}: the classWeight of class ${label} must be a number.`);
    result[i] = weight;
  }
  const host = { data: result, shape: [result.length], dtype: null };
  return column(host, `${target.name}_sample_weight`, weightDType(target), `${where}: classWeight`);
}
