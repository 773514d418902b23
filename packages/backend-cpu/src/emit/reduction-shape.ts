import { sizeOf } from "@polykeras/core";
import type { Choices } from "../choices.ts";
import type { Loop } from "../plan/group.ts";
import { manyElements } from "./accumulator.ts";
import { unrollOf } from "./elementwise-loop.ts";
import { type Dimensions, isOpenRow } from "./nest.ts";

/** Reductions up to this cost are repeated within an iteration, so that sums have several chains. */
const unrollBelow = 14;

/** What goes down a reduced dimension together where the innermost one stays: rows by vectors. */
export interface ColumnBlock {
  readonly rows: number;
  readonly vectors: number;
}

/** Null where the innermost dimension is reduced. It is part of a loop's key; the vectors make no difference to results. */
export function columnBlockOf(
  { extents, cost }: Loop,
  { reduced, cursors }: Dimensions,
  { largeLoop, hugeLoop }: Choices,
): ColumnBlock | null {
  if (!reduced.includes(true) || reduced.at(-1) !== false) return null;
  const elements = sizeOf(extents);
  const isLarge = elements >= largeLoop;
  const down = reduced.lastIndexOf(true);
  // Rows are immediate offsets, which cannot go backward.
  const isBackward = cursors.some(({ strides }) => strides[down]! < 0);
  if (cost > unrollBelow) return { rows: isLarge && !isBackward ? unrollOf(cost, true) : 1, vectors: 1 };
  return { rows: isBackward ? 1 : 4, vectors: isLarge ? (elements < hugeLoop ? 8 : 16) : 1 };
}

/** How the elements of a dimension that is reduced are taken: vectors at once, and how often. */
interface ReducedRow {
  readonly unroll: number;
  readonly blocks: number;
  /** Elements behind the blocks. */
  readonly rest: number;
  readonly moved: readonly number[];
}

export function reducedRowOf(
  { cost }: Loop,
  { extents, cursors }: Dimensions,
  { largeLoop, longRow }: Choices,
): ReducedRow {
  const extent = extents.at(-1)!;
  const vectors = Math.floor(extent / 4);
  // One dimension of whole vectors goes on by one of them: its length differs most often.
  const isSingle = extents.length === 1 && extent % 4 === 0 && extent < largeLoop;
  const wanted = cost <= unrollBelow ? 4 : vectors >= longRow && !isSingle ? unrollOf(cost, true) : 1;
  const unroll = Math.min(wanted, Math.max(1, vectors));
  const blocks = Math.floor(vectors / unroll);
  const moved = cursors.map(({ strides }) => (blocks > 1 ? strides.at(-1)! * 4 * unroll * blocks : 0));
  return { unroll, blocks, rest: extent - blocks * unroll * 4, moved };
}

/** Strips of columns: so many whole vectors at once, and how often. */
export function stripsOf(
  loop: Loop,
  dimensions: Dimensions,
  choices: Choices,
): { readonly width: number; readonly strips: number; readonly moved: readonly number[] } {
  const { extents, cursors } = dimensions;
  const vectors = Math.floor(extents.at(-1)! / 4);
  const width = Math.max(1, Math.min(columnBlockOf(loop, dimensions, choices)?.vectors ?? 1, vectors));
  const strips = Math.floor(vectors / width);
  // A level that runs once moves nothing.
  const moved = cursors.map(({ strides }) => (strips > 1 ? strides.at(-1)! * 4 * width * strips : 0));
  return { width, strips, moved };
}

/** What of the extents determines the code of a loop with reductions beside those that are immediates. */
export function reductionForm(loop: Loop, dimensions: Dimensions, choices: Choices): string {
  const block = columnBlockOf(loop, dimensions, choices);
  let form = block ? `columns${block.rows}x${block.vectors}` : "nest";
  if (isOpenRow(dimensions)) {
    const { unroll, rest } = reducedRowOf(loop, dimensions, choices);
    form = `row${unroll}+${rest}`;
  }
  const hasExtremum = loop.reductions.some(({ reduce }) => reduce === "max" || reduce === "min");
  return hasExtremum && reducedCount(dimensions) >= manyElements ? `${form}!` : form;
}

/** How many elements are reduced to one. */
export function reducedCount({ extents, reduced }: Dimensions): number {
  return extents.reduce((size, extent, d) => (reduced[d] ? size * extent : size), 1);
}
