import {
  type DType,
  type Data,
  type HostValue,
  type Shape,
  type TypedArray,
  ArgumentError,
  DTypeError,
  ShapeError,
  allocate,
  carries,
  formatShape,
  formatSpec,
  isFloat,
  readValue,
  sizeOf,
  toDType,
} from "@polykeras/core";

/** What a column must look like: the batch axis is null. */
export interface ColumnSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One array of samples on the host, in the dtype of its placeholder. */
export interface Column extends ColumnSpec {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** Elements of one sample. */
  readonly stride: number;
}

/** Reads data for a slot of known shape; a missing or superfluous last axis of 1 is adjusted, as Keras does. */
export function readColumn(value: Data, spec: ColumnSpec, where: string): Column {
  const host = readValue(value, where);
  const shape = adjusted(host.shape, spec.shape);
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((dim, i) => i === 0 || dim === null || dim === shape[i]);
  if (!fits)
    throw new ShapeError(
      `${where} has shape ${formatShape(host.shape)}; '${spec.name}' takes ${formatShape(spec.shape)}, ` +
        `null being the number of samples. Reshape the data, or change the layer's shape.`,
    );
  return column({ ...host, shape }, spec.name, spec.dtype, where);
}

/** Host data as samples along the first axis. Throws ArgumentError if there are none. */
export function column(host: HostValue, name: string, dtype: DType, where: string): Column {
  const [count] = host.shape;
  if (count === undefined)
    throw new ShapeError(`${where} is a single number; expected an array whose first axis counts samples.`);
  if (count === 0 || host.data.length === 0)
    throw new ArgumentError(
      `${where} is empty: its shape is ${formatShape(host.shape)}. Give at least one sample.`,
    );
  if (!isFloat(dtype)) checkWhole(host, dtype, where);
  const data = isReady(host.data, host.dtype, dtype) ? host.data : toDType(host.data, dtype);
  return { name, dtype, data, shape: host.shape, stride: sizeOf(host.shape) / count };
}

/** True for data that can be used as it is, without a copy. */
function isReady(data: HostValue["data"], from: DType | null, to: DType): data is TypedArray {
  return from === to && ArrayBuffer.isView(data) && carries(to, data);
}

function checkWhole(host: HostValue, dtype: DType, where: string): void {
  const at = host.data.findIndex((item: number) => !Number.isInteger(item));
  if (at >= 0)
    throw new DTypeError(
      `${where} must hold whole numbers (${formatSpec({ shape: host.shape, dtype })}); element ` +
        `${position(at, host.shape)} is ${host.data[at]}.`,
    );
}

/** `[3, 0]` for the flat index of an element. */
export function position(at: number, shape: readonly number[]): string {
  const places: number[] = [];
  let rest = at;
  for (const dim of shape.toReversed()) {
    places.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return `[${places.join(", ")}]`;
}

function adjusted(shape: readonly number[], wanted: Shape): readonly number[] {
  if (shape.length === wanted.length - 1 && wanted.at(-1) === 1) return [...shape, 1];
  if (shape.length === wanted.length + 1 && shape.at(-1) === 1) return shape.slice(0, -1);
  return shape;
}

/** Samples [from, to) of a column, or those that `order` names, in an array that is reused. */
export function takeRows(of: Column, order: Int32Array, from: number, to: number, into: TypedArray): void {
  const { data, stride } = of;
  // Copying whole rows pays off from a few dozen elements on.
  if (stride >= 64) {
    for (let i = from; i < to; i++) {
      const start = order[i]! * stride;
      into.set(data.subarray(start, start + stride), (i - from) * stride);
    }
    return;
  }
  for (let i = from, k = 0; i < to; i++) {
    const start = order[i]! * stride;
    for (let j = 0; j < stride; j++, k++) into[k] = data[start + j]!;
  }
}

/** A reusable array for `rows` samples. */
export function buffer(of: Column, rows: number): TypedArray {
  return allocate(of.dtype, rows * of.stride);
}
