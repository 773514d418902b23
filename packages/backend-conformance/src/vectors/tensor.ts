import { type DType, type TypedArray, allocate, asDType, dtypeInfo, roundToHalf, sizeOf } from "@polykeras/core";
import type { VectorTensor } from "./format.ts";
import { VectorError, type Fields, listOf, numberOf } from "./json.ts";

const named: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

/** A number of the files: JSON's own, or the name of one that JSON lacks. */
export function decodeNumber(value: unknown, where: string): number {
  const special = typeof value === "string" ? named[value] : undefined;
  return special ?? numberOf(value, where);
}

/** A tensor of the files: `data`, a `repeat`ed pattern, or little-endian bytes in `base64` after a `preview`. */
export function decodeTensor(fields: Fields, where: string): VectorTensor {
  const dtype = asDType(fields["dtype"], where);
  const shape = listOf(fields["shape"], `${where}.shape`).map((dim) => numberOf(dim, `${where}.shape`));
  const data = decodeData(fields, dtype, sizeOf(shape), where);
  if (data.length !== sizeOf(shape))
    throw new VectorError(`${where}: ${data.length} elements do not fill the shape [${shape.join(", ")}].`);
  return { dtype, shape, data };
}

function decodeData(fields: Fields, dtype: DType, count: number, where: string): TypedArray {
  const numbers = (key: string): number[] =>
    listOf(fields[key], `${where}.${key}`).map((value) => decodeNumber(value, `${where}.${key}`));
  if (typeof fields["base64"] === "string") {
    const data = decodeBytes(fields["base64"], dtype);
    const preview = numbers("preview");
    if (fill(dtype, preview, preview.length).some((value, i) => !Object.is(value, data[i])))
      throw new VectorError(`${where}: the preview and the bytes differ.`);
    return data;
  }
  if (fields["repeat"] !== undefined) return fill(dtype, numbers("repeat"), count);
  const values = numbers("data");
  return fill(dtype, values, values.length);
}

/** `count` elements: the values over and over, each the nearest of the dtype to its shortest decimal form. */
function fill(dtype: DType, values: readonly number[], count: number): TypedArray {
  const data = allocate(dtype, count);
  const round = dtype === "float16" ? roundToHalf : (value: number): number => value;
  for (let i = 0; i < count; i++) data[i] = round(values[i % values.length]!);
  return data;
}

/** Little-endian elements of `dtype`; half-precision bits become the numbers they stand for. */
function decodeBytes(base64: string, dtype: DType): TypedArray {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const width = dtypeInfo(dtype).bytes;
  const data = allocate(dtype, bytes.length / width);
  for (let i = 0; i < data.length; i++) data[i] = readers[dtype](view, i * width);
  return data;
}

const readers: Readonly<Record<DType, (view: DataView, at: number) => number>> = {
  float16: (view, at) => fromHalf(view.getUint16(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  bool: (view, at) => view.getUint8(at),
};

/** The value of IEEE half-precision bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
