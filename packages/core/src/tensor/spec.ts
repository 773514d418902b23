import { type DType, dtypeInfo } from "./dtype.ts";

/** A dimension; `null` is unknown until the placeholder is fed. */
export type Dim = number | null;
export type Shape = readonly Dim[];

/** What is known of a tensor while a graph is built. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What an engine sees: every dimension is a number. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export function isConcrete(spec: Spec): spec is TensorSpec {
  return !spec.shape.includes(null);
}

/** Number of elements; 1 for a scalar, 0 when a dimension is 0. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

export function byteLength(spec: TensorSpec): number {
  return sizeOf(spec.shape) * dtypeInfo(spec.dtype).bytes;
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** True only when the shapes are known to be equal: an unknown dimension equals nothing. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim !== null && dim === b[i]);
}

/** `(null, 20) float32`, for messages and programs. */
export function formatSpec(spec: Spec): string {
  return `${formatShape(spec.shape)} ${spec.dtype}`;
}

/** `(null, 20)`; `()` for a scalar, `(3,)` for one dimension, as Python prints them. */
export function formatShape(shape: Shape): string {
  return `(${shape.map(String).join(", ")}${shape.length === 1 ? "," : ""})`;
}
