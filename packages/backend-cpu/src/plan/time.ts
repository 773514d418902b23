import { sizeOf } from "@polykeras/core";
import { storedBytes } from "../emit/lanes.ts";
import type { Loop, Product } from "./group.ts";

/** Of one core, from measurements: bytes to and from the cache, and instructions on vectors, in a nanosecond. */
const bytesPerNanosecond = 25;
const vectorsPerNanosecond = 4;
/** Drawing a vector of random numbers. */
const drawing = 4;
const multiplications = 30;

/** Estimated time of a loop on one thread, in nanoseconds: to decide what is worth several. */
export function timeOfLoop({ extents, operands, stores, reductions, cost, random }: Loop): number {
  let bytes = 0;
  for (const operand of operands) if (operand.kind === "load") bytes += storedBytes(operand.dtype);
  for (const { access } of stores) bytes += storedBytes(access.dtype);
  const vector = (cost + reductions.length) / vectorsPerNanosecond + (random === null ? 0 : drawing);
  return sizeOf(extents) * Math.max(bytes / bytesPerNanosecond, vector / 4);
}

/** Estimated time of so many multiplications and additions on one thread, in nanoseconds. */
export function timeOfSum(products: number, bytes: number): number {
  return (products / multiplications) * (bytes / 4);
}

export function timeOfProduct({ batch, m, n, k, dtype }: Product): number {
  return timeOfSum(batch * m * n * k, storedBytes(dtype));
}
