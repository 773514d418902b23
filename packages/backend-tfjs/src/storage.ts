import { type DType, type TypedArray, type TensorSpec, allocate, sizeOf } from "@polykeras/core";

/** The element types that TensorFlow.js computes with. */
export type Computed = "float32" | "int32" | "bool";

export function isComputed(dtype: DType): dtype is Computed {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/** How a tensor lies in engine memory: other dtypes are carried as words of int32, for storage and copies. */
export interface Stored {
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: number[];
  readonly dtype: Computed;
}

/** The engine's dtype for tensors of `dtype`. */
export function storedType(dtype: DType): Computed {
  return isComputed(dtype) ? dtype : "int32";
}

/** A copy of host data in the form the engine stores. */
export function store(data: TypedArray, { shape, dtype }: TensorSpec): Stored {
  if (dtype === "float32") return { values: Float32Array.from(data), shape: [...shape], dtype };
  if (dtype === "int32") return { values: Int32Array.from(data), shape: [...shape], dtype };
  if (dtype === "bool") return { values: Uint8Array.from(data), shape: [...shape], dtype };
  const words = new Int32Array(Math.ceil(data.byteLength / 4));
  new Uint8Array(words.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { values: words, shape: [words.length], dtype: "int32" };
}

/** Host data, the caller's own, of what the engine read back. */
export function restore(values: unknown, { shape, dtype }: TensorSpec): TypedArray {
  const data = allocate(dtype, sizeOf(shape));
  if (!ArrayBuffer.isView(values)) return data;
  if (isComputed(dtype)) {
    // The cpu engine may hand out another array class, and a plain empty one for tensors without elements.
    if (isNumbers(values)) data.set(values);
    return data;
  }
  new Uint8Array(data.buffer).set(new Uint8Array(values.buffer, values.byteOffset, data.byteLength));
  return data;
}

function isNumbers(values: ArrayBufferView): values is Float32Array | Int32Array | Uint8Array {
  return values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array;
}

/** The elements of a computed tensor, for kernels that are loops over engine memory. */
export function elements(values: unknown): Float32Array | Int32Array | Uint8Array {
  if (ArrayBuffer.isView(values) && isNumbers(values)) return values;
  return new Float32Array(0);
}
