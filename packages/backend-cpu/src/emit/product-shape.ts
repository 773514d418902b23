import type { Choices } from "../choices.ts";
import type { Product } from "../plan/group.ts";
import type { Arithmetic, Tile } from "./tile.ts";

/** Rows that one dot kernel takes at a time. */
export const dotRows = 4;

/** A product in the form that is emitted: a column is a row of the transposed product. */
export interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A and B change places. */
  readonly swapped: boolean;
}

export function shapeOf({ m, n, k, a, b }: Product): Shape {
  const swapped = n === 1 && m > 1;
  const [left, right] = swapped ? [!b.transposed, !a.transposed] : [a.transposed, b.transposed];
  const [rows, columns] = swapped ? [1, m] : [m, n];
  return {
    m: rows,
    n: columns,
    k,
    swapped,
    // A vector stands the same way in either order.
    transposeA: left && rows > 1 && k > 1,
    transposeB: right && columns > 1 && k > 1,
  };
}

export function isDot({ m, transposeB }: Shape): boolean {
  return m === 1 && transposeB;
}

export function isPacked({ m, n, k, transposeB }: Shape, tile: Tile, choices: Choices): boolean {
  const { packedTiles, packedElements } = choices;
  return transposeB || (m > packedTiles * tile.rows && n * k > packedElements);
}

/**
 * Whether a row vector meets more of B than a cache holds: B is read row by row then, as it stands. With few rows C would
 * be read and written too often.
 */
export function isStreamed(
  { dtype }: Product,
  { m, n, k, transposeB }: Shape,
  { bytes }: Arithmetic,
  { streamedRows, streamedBytes }: Choices,
): boolean {
  const isLarge = k >= streamedRows && n * k * bytes > streamedBytes;
  return m === 1 && !transposeB && dtype !== "float16" && isLarge;
}

/**
 * A row vector takes more columns at a time: its tile would leave most registers empty. A little more than two vectors of
 * columns are one panel: a second one would load every element of A again, for one vector.
 */
export function tileOf({ m, n }: Shape, tile: Tile, { width }: Arithmetic): Tile {
  if (m === 1) return { rows: 1, vectors: 6 };
  const isNarrow = tile.vectors === 2 && n > 2 * width && n <= 3 * width;
  return isNarrow ? { rows: 3, vectors: 3 } : tile;
}

/** How much of a product a function computes: so many matrices, rows and columns from where its pointers are. */
export interface Part {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
}

/** Rows of A that all panels of B are multiplied with before the next ones: a block that fits the second-level cache. */
export function rowsAtOnce(
  m: number,
  depth: number,
  { rows }: Tile,
  { bytes }: Arithmetic,
  { blockBytes, blockRows }: Choices,
): number {
  return m * depth * bytes <= blockBytes ? m : Math.min(m, Math.ceil(blockRows / rows) * rows);
}

/** Bytes that a product needs beside its operands while it runs, for the whole or a part of it. */
export function scratchBytes(
  product: Product,
  choices: Choices,
  arithmetic: Arithmetic,
  { m, n }: Pick<Part, "m" | "n"> = shapeOf(product),
): number {
  const shape = shapeOf(product);
  const own = tileOf(shape, choices.tile, arithmetic);
  if (isDot(shape) || !isPacked(shape, own, choices)) return 0;
  const depth = Math.min(shape.k, choices.blockDepth);
  const width = own.vectors * arithmetic.width;
  // A panel that no second block of rows reads again is packed just before its tiles.
  const panels = rowsAtOnce(m, depth, own, arithmetic, choices) === m ? 1 : Math.ceil(n / width);
  return panels * width * depth * arithmetic.bytes;
}
