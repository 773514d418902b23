import type { ValueId } from "@polykeras/core";
import type { Bounds } from "../choices.ts";
import { stridesOf } from "@polykeras/core";
import type { Group, Loop, Product } from "./group.ts";
import { readsOf, writesOf } from "./group.ts";
import { sameExtents } from "./source.ts";

/** The most that may run on a tile while its rows of A and B are in the cache. */
const costLimit = 8;

/**
 * Has each product run the loop that reads it first on its tiles in registers, where that loop does nothing
 * but cheap work on the same rows and columns and reads nothing that is made after the product.
 */
export function fuseEpilogues(groups: readonly Group[], choices: Bounds): readonly Group[] {
  if (!groups.some((group) => isLarge(group, choices))) return groups;
  const writer = new Map<ValueId, number>();
  const readers = new Map<ValueId, number[]>();
  for (const [at, group] of groups.entries()) {
    for (const id of writesOf(group)) writer.set(id, at);
    for (const id of new Set(readsOf(group))) {
      const list = readers.get(id);
      if (list) list.push(at);
      else readers.set(id, [at]);
    }
  }
  const gone = new Set<number>();
  for (const [at, product] of groups.entries()) {
    if (product.kind !== "product") continue;
    const [first, ...others] = readers.get(product.storage) ?? [];
    const loop = first === undefined ? undefined : groups[first];
    if (first === undefined || loop?.kind !== "loop" || gone.has(first) || !fits(product, loop, choices))
      continue;
    if (readsOf(loop).some((id) => id !== product.storage && (writer.get(id) ?? -1) >= at)) continue;
    gone.add(first);
    product.epilogue = others.length === 0 ? loop : withProduct(product, loop);
    for (const id of writesOf(product)) writer.set(id, at);
  }
  return groups.filter((_, at) => !gone.has(at));
}

const isLarge = (group: Group, { epilogueElements }: Bounds): boolean =>
  group.kind === "product" && group.m * group.n >= epilogueElements;

/** Whether the loop can run on tiles: over the same rows and columns, row by row or repeated along one of them. */
function fits(product: Product, loop: Loop, choices: Bounds): boolean {
  const { batch, m, n, k, storage } = product;
  // Deeper ones are computed in blocks of k: their tiles are not finished when they are written.
  if (batch !== 1 || m === 1 || n === 1 || k > choices.blockDepth || !isLarge(product, choices)) return false;
  if (!sameExtents(loop.extents, [m, n]) || loop.cost > costLimit) return false;
  if (loop.reductions.length > 0 || loop.random !== null) return false;
  return (
    loop.operands.every((operand) => {
      if (operand.kind !== "load") return false;
      if (operand.storage === storage) return operand.offset === 0 && sameExtents(operand.strides, [n, 1]);
      // Rows of a tile are immediate offsets, which cannot go backward.
      return operand.strides[0]! >= 0 && (operand.strides[1] === 0 || operand.strides[1] === 1);
    }) &&
    loop.stores.every(({ partial, access }) => !partial && sameExtents(access.strides, stridesOf([m, n])))
  );
}

/** The loop with a store of the product itself, which other groups read. */
function withProduct({ storage, dtype, n }: Product, loop: Loop): Loop {
  const index = loop.operands.findIndex((operand) => operand.kind === "load" && operand.storage === storage);
  return {
    ...loop,
    stores: [
      ...loop.stores,
      {
        from: { kind: "operand", index },
        partial: false,
        access: { storage, dtype, offset: 0, strides: [n, 1] },
      },
    ],
  };
}
