import { type ValueId, stridesOf } from "@polykeras/core";
import type { Layout } from "../kernels.ts";

/** Where a value's elements come from when a step reads it. */
export type Source =
  | ({ readonly kind: "storage"; readonly storage: ValueId } & Layout)
  /** The same number everywhere; it has a storage too if it is a constant of the program. */
  | { readonly kind: "constant"; readonly value: number; readonly storage: ValueId | null }
  /** The index along the dimension whose stride is 1. */
  | { readonly kind: "iota"; readonly strides: readonly number[] };

/** A shape without its dimensions of 1: what a loop runs over. */
export function squeeze(shape: readonly number[]): readonly number[] {
  return shape.filter((dim) => dim !== 1);
}

export function sameExtents(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Strides of a value of `shape` over a loop of the shape it broadcasts to, without dimensions of 1. */
export function stridesOver(
  strides: readonly number[],
  shape: readonly number[],
  over: readonly number[],
): readonly number[] {
  const lead = over.length - shape.length;
  const kept: number[] = [];
  for (let i = 0; i < over.length; i++)
    if (over[i] !== 1) kept.push(i < lead || shape[i - lead] === 1 ? 0 : strides[i - lead]!);
  return kept;
}

/** True if the elements stand one after the other, from the offset on. */
export function isContiguous({ strides }: Layout, shape: readonly number[]): boolean {
  const wanted = stridesOf(shape);
  return shape.every((dim, i) => dim === 1 || strides[i] === wanted[i]) || shape.includes(0);
}

export function isWhole(layout: Layout, shape: readonly number[]): boolean {
  return layout.offset === 0 && isContiguous(layout, shape);
}

/** How the last two axes of a contiguous batch of matrices stand in memory, or null. */
export function matrixOrder(layout: Layout, shape: readonly number[]): "rows" | "swapped" | null {
  if (isContiguous(layout, shape)) return "rows";
  const rank = shape.length;
  const swap = <T>(list: readonly T[]): readonly T[] => [
    ...list.slice(0, rank - 2),
    list[rank - 1]!,
    list[rank - 2]!,
  ];
  return isContiguous({ offset: layout.offset, strides: swap(layout.strides) }, swap(shape))
    ? "swapped"
    : null;
}
