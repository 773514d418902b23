import type { Loop } from "../plan/group.ts";
import type { Choices } from "../choices.ts";
import { rowOf } from "./elementwise-loop.ts";
import { type Cursor, type Dimensions, hasOpenExtent } from "./nest.ts";

/** How far a cursor moves after an iteration: a number of bytes, or the parameter of that index behind the pointers. */
export type Advance = number | { readonly parameter: number };

/**
 * A nest that takes from parameters what follows from the extents outside of its innermost dimension: kernels for other
 * numbers of samples and steps of time are the same.
 */
export interface OpenNest {
  /** What the parameters behind the pointers are: extents from the second one to that before the innermost, then bytes. */
  readonly numbers: readonly number[];
  /** Per cursor and level, from the outermost one. */
  readonly advances: readonly (readonly Advance[])[];
}

/** More would be kept in memory instead of registers. */
const numbersMax = 6;

/** The open form of a nest without reductions, or null where it would not be worth it. */
export function openNestOf(loop: Loop, dimensions: Dimensions, choices: Choices): OpenNest | null {
  const { extents, cursors } = dimensions;
  const inner = extents.length - 1;
  if (loop.reductions.length > 0 || !hasOpenExtent(loop, dimensions, choices)) return null;
  const { moved } = rowOf(loop, dimensions, choices);
  const numbers = extents.slice(1, inner);
  const bytes: number[] = [];
  const advance = (value: number): Advance => {
    if (value === 0) return 0;
    const known = bytes.indexOf(value);
    return { parameter: extents.length - 2 + (known < 0 ? bytes.push(value) - 1 : known) };
  };
  const advances = cursors.map(({ strides }, i) =>
    extents.slice(0, inner).map((_, d): Advance => {
      if (d < inner - 1) return advance(strides[d]! - strides[d + 1]! * extents[d + 1]!);
      // What stands still from row to row only goes back.
      return strides[d] === 0 ? -moved[i]! : advance(strides[d]! - moved[i]!);
    }),
  );
  numbers.push(...bytes);
  return numbers.length > 0 && numbers.length <= numbersMax ? { numbers, advances } : null;
}

/** What the code of an open nest knows of its cursors. */
export function openCursors(
  cursors: readonly Cursor[],
  { advances }: OpenNest,
): readonly {
  readonly role: string;
  readonly dtype: string;
  readonly strides: readonly (number | string)[];
}[] {
  return cursors.map(({ role, dtype, strides }, i) => ({
    role,
    dtype,
    strides: [
      ...advances[i]!.map((by) => (typeof by === "number" ? by : `p${by.parameter}`)),
      strides.at(-1)!,
    ],
  }));
}
