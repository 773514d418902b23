import type { Choices } from "../choices.ts";
import type { Loop } from "../plan/group.ts";
import { rowOf } from "./elementwise-loop.ts";
import { type Dimensions, hasOpenExtent } from "./nest.ts";
import type { Advance, OpenNest } from "./open-nest.ts";
import { reducedRowOf, stripsOf } from "./reduction-shape.ts";

/** More would be kept in memory instead of registers. */
const numbersMax = 6;

/**
 * The open form, or null where there is none, or it is not worth it: of nests without reductions, of those that reduce
 * everything, and of sums down the second of three dimensions.
 */
export function openNestOf(loop: Loop, dimensions: Dimensions, choices: Choices): OpenNest | null {
  const { extents, reduced } = dimensions;
  const inner = extents.length - 1;
  if (inner < 1 || !hasOpenExtent(loop, dimensions)) return null;
  if (loop.reductions.length === 0) {
    const { moved } = rowOf(loop, dimensions, choices);
    const open = opened(dimensions, inner, moved);
    return open.numbers.length > 0 && open.numbers.length <= numbersMax ? open : null;
  }
  if (reduced.every(Boolean)) {
    const { numbers, advances } = opened(dimensions, inner, reducedRowOf(loop, dimensions, choices).moved);
    const total = extents.reduce((size, extent) => size * extent, 1);
    return { numbers: [...numbers, total], advances, total: numbers.length };
  }
  if (extents.length !== 3 || reduced.join() !== "false,true,false") return null;
  return { ...opened(dimensions, 1, stripsOf(loop, dimensions, choices).moved), total: 0 };
}

/** The levels outside of that dimension are open, and it moves the cursors so far. */
function opened({ extents, cursors }: Dimensions, inner: number, moved: readonly number[]): OpenNest {
  const counts = extents.slice(1, -1);
  const bytes: number[] = [];
  const advanceBy = (value: number): Advance => {
    if (value === 0) return 0;
    const known = bytes.indexOf(value);
    return { parameter: counts.length + (known < 0 ? bytes.push(value) - 1 : known) };
  };
  const advances = cursors.map(({ strides }, i) =>
    extents.slice(0, inner).map((_, d): Advance => {
      if (d < inner - 1) return advanceBy(strides[d]! - strides[d + 1]! * extents[d + 1]!);
      // What stands still from row to row only goes back.
      return strides[d] === 0 ? -moved[i]! : advanceBy(strides[d]! - moved[i]!);
    }),
  );
  return { numbers: [...counts, ...bytes], advances, total: null };
}
