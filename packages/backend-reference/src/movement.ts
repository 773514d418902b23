import { type Kernel, type Primitives, type TypedArray, allocate, sizeOf, stridesOf } from "@polykeras/core";
import { broadcastIndices, indices } from "./indices.ts";
import { tensor } from "./rounding.ts";

export const copy: Kernel<TypedArray> = ([x]) => x!.handle.slice();

export const broadcastTo: Kernel<TypedArray> = ([x], _attributes, output) => {
  const at = broadcastIndices(x!.spec.shape, output.shape);
  return tensor(output, (i) => x!.handle[at[i]!]!);
};

export const transpose: Kernel<TypedArray, Primitives["transpose"]> = ([x], { permutation }, output) => {
  const strides = stridesOf(x!.spec.shape);
  const at = indices(
    output.shape,
    permutation.map((axis) => strides[axis]!),
  );
  return tensor(output, (i) => x!.handle[at[i]!]!);
};

export const slice: Kernel<TypedArray, Primitives["slice"]> = ([x], { begin, strides: steps }, output) => {
  const strides = stridesOf(x!.spec.shape);
  const start = begin.reduce((offset, first, axis) => offset + first * strides[axis]!, 0);
  const at = indices(
    output.shape,
    steps.map((step, axis) => step * strides[axis]!),
    start,
  );
  return tensor(output, (i) => x!.handle[at[i]!]!);
};

export const concatenate: Kernel<TypedArray, Primitives["concatenate"]> = (inputs, { axis }, output) => {
  const data = allocate(output.dtype, sizeOf(output.shape));
  const strides = stridesOf(output.shape);
  let start = 0;
  for (const { handle, spec } of inputs) {
    const at = indices(spec.shape, strides, start);
    for (let i = 0; i < at.length; i++) data[at[i]!] = handle[i]!;
    start += spec.shape[axis]! * strides[axis]!;
  }
  return data;
};

export const pad: Kernel<TypedArray, Primitives["pad"]> = ([x], { before, value }, output) => {
  const data = tensor(output, () => value);
  const strides = stridesOf(output.shape);
  const start = before.reduce((offset, count, axis) => offset + count * strides[axis]!, 0);
  const at = indices(x!.spec.shape, strides, start);
  for (let i = 0; i < at.length; i++) data[at[i]!] = x!.handle[i]!;
  return data;
};

export const iota: Kernel<TypedArray, Primitives["iota"]> = (_inputs, { axis }, output) => {
  const at = indices(
    output.shape,
    output.shape.map((_, other) => Number(other === axis)),
  );
  return tensor(output, (i) => at[i]!);
};
