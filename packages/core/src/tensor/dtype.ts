import { DTypeError } from "../errors.ts";

/** Element types that compute; the integer types in `StorageDType` only store and cast. */
export type ComputeDType = "float16" | "float32" | "float64" | "int32" | "uint8" | "bool";
export type StorageDType = "int8" | "int16" | "uint16" | "uint32";
export type DType = ComputeDType | StorageDType;

/**
 * Host data of a tensor. `bool` is a Uint8Array of 0 and 1. `float16` travels as a Float32Array whose values
 * are all representable in half precision: Node 20 has no Float16Array, and the numbers read the same.
 */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

type Kind = "float" | "int" | "bool";

/** What the passes need to know of an element type. `bytes` is the width an engine needs to store it. */
export interface DTypeInfo {
  readonly kind: Kind;
  readonly bytes: number;
  readonly array: new (length: number) => TypedArray;
}

const table: Readonly<Record<DType, DTypeInfo>> = {
  float16: { kind: "float", bytes: 2, array: Float32Array },
  float32: { kind: "float", bytes: 4, array: Float32Array },
  float64: { kind: "float", bytes: 8, array: Float64Array },
  int8: { kind: "int", bytes: 1, array: Int8Array },
  uint8: { kind: "int", bytes: 1, array: Uint8Array },
  int16: { kind: "int", bytes: 2, array: Int16Array },
  uint16: { kind: "int", bytes: 2, array: Uint16Array },
  int32: { kind: "int", bytes: 4, array: Int32Array },
  uint32: { kind: "int", bytes: 4, array: Uint32Array },
  bool: { kind: "bool", bytes: 1, array: Uint8Array },
};

/** All element types, in the order of the documentation. */
export const dtypes: readonly DType[] = Object.freeze(Object.keys(table).filter(isDType));

export function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(table, value);
}

export function dtypeInfo(dtype: DType): DTypeInfo {
  return table[dtype];
}

export function isFloat(dtype: DType): boolean {
  return table[dtype].kind === "float";
}

/** Checks a name that came from outside. Throws DTypeError with all names allowed. */
export function asDType(value: unknown, where: string): DType {
  if (isDType(value)) return value;
  throw new DTypeError(`${where}: unknown dtype '${String(value)}'. Use one of ${dtypes.join(", ")}.`);
}

/** A zero-filled host array for `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  return new table[dtype].array(length);
}

/** True if `data` is of the array class that carries `dtype`. */
export function carries(dtype: DType, data: TypedArray): boolean {
  return data instanceof table[dtype].array;
}
