import type { Choices } from "../choices.ts";
import type { Product } from "../plan/group.ts";
import { type Shape, dotRows, isDot, isPacked, isStreamed, rowsAtOnce } from "./product-shape.ts";
import type { Arithmetic, Tile } from "./tile.ts";

/**
 * The size of a product that its kernel takes as a parameter: the number of samples and steps of time is most often that
 * of rows, and in the gradient of weights it is what is summed over.
 */
export interface OpenProduct {
  readonly size: "batch" | "rows" | "columns" | "depth";
  readonly value: number;
  /** What the code depends on, of that size and the others. */
  readonly key: string;
}

/** Null where the strides within tiles, which are immediates, follow from every size. */
export function openProductOf(
  product: Product,
  shape: Shape,
  tile: Tile,
  arithmetic: Arithmetic,
  choices: Choices,
): OpenProduct | null {
  const { m, n, k, transposeA, transposeB } = shape;
  if (product.batch > 1) return { size: "batch", value: product.batch, key: `batch:${m},${n},${k}` };
  if (isDot(shape)) return { size: "columns", value: n, key: `columns:${n % dotRows},${k}` };
  if (isStreamed(product, shape, arithmetic, choices)) return null;
  const packed = isPacked(shape, tile, choices);
  const blockDepth = packed ? Math.min(k, choices.blockDepth) : k;
  const atOnce = (depth: number): number => rowsAtOnce(m, depth, tile, arithmetic, choices);
  // A row vector has no second row: no stride follows from its length.
  if (!transposeA && m > 1) {
    const last = k - (Math.ceil(k / blockDepth) - 1) * blockDepth;
    const whole = [blockDepth, last].map((depth) => atOnce(depth) === m);
    return { size: "rows", value: m, key: `rows:${m % tile.rows},${n},${k}:${packed}:${whole.join()}` };
  }
  if (transposeB) return null;
  const key = `depth:${m},${n}:${packed}:${atOnce(blockDepth)}:${k > blockDepth}`;
  return { size: "depth", value: k, key };
}
