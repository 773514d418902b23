import { stamp } from "../brand.ts";
import { type DType, type TypedArray, dtypeInfo } from "./dtype.ts";
import { formatShape, sizeOf } from "./spec.ts";

/** Numbers nested as deep as the rank; a bare number for a scalar. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** Values on the host: what functions return. `data` is row-major and belongs to whoever holds the array. */
export class NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;

  constructor(data: TypedArray, shape: readonly number[], dtype: DType) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Nested arrays of numbers (booleans for bool); a bare value for a scalar. */
  toArray(): NestedArray {
    const isBool = dtypeInfo(this.dtype).kind === "bool";
    const nest = (axis: number, offset: number, size: number): NestedArray => {
      if (axis === this.shape.length) return isBool ? this.data[offset] !== 0 : this.data[offset]!;
      const dim = this.shape[axis]!;
      const inner = dim === 0 ? 0 : size / dim;
      return Array.from({ length: dim }, (_, i) => nest(axis + 1, offset + i * inner, inner));
    };
    return nest(0, 0, this.data.length);
  }

  /** The one element of a scalar or of an array of size 1. */
  item(): number {
    if (this.data.length !== 1)
      throw new RangeError(`item() needs one element; the array has shape ${formatShape(this.shape)}.`);
    return this.data[0]!;
  }

  toString(): string {
    return `NDArray ${formatShape(this.shape)} ${this.dtype} ${JSON.stringify(this.toArray())}`;
  }
}
stamp(NDArray, "NDArray");
