import type { Code, Local } from "../wasm/code.ts";
import { type Cursor, advance, emitTimes } from "./nest.ts";

/** How far a cursor moves after an iteration: a number of bytes, or the parameter of that index behind the pointers. */
export type Advance = number | { readonly parameter: number };

/**
 * A nest that takes from parameters what follows from the extents outside of its innermost dimension: kernels for other
 * numbers of samples and steps of time are the same.
 */
export interface OpenNest {
  /**
   * What the parameters behind the pointers are: extents from the second one to that before the innermost, then bytes,
   * then how many elements are reduced to one.
   */
  readonly numbers: readonly number[];
  /** Per cursor and level, from the outermost one. */
  readonly advances: readonly (readonly Advance[])[];
  /** The parameter that counts what is reduced. */
  readonly total: number | null;
}

/** Emits the loops outside of that dimension around `row`. Parameters behind the pointers begin with `first`. */
export function emitOpenLevels(
  code: Code,
  pointers: readonly Local[],
  { advances }: OpenNest,
  inner: number,
  first: Local,
  row: () => void,
): void {
  const level = (d: number): void => {
    if (d === inner) return row();
    emitTimes(code, { local: d === 0 ? 0 : first + d - 1 }, () => {
      level(d + 1);
      for (let i = 0; i < pointers.length; i++) {
        const by = advances[i]![d]!;
        if (typeof by === "number") advance(code, pointers[i]!, by);
        else code.assign(pointers[i]!, "i32.add", pointers[i]!, first + by.parameter);
      }
    });
  };
  level(0);
}

/** The first parameter behind the pointers of an open nest. */
export function firstNumber(cursors: readonly Cursor[]): Local {
  return 1 + cursors.filter(({ role }) => role !== "iota").length;
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
      ...strides.slice(advances[i]!.length),
    ],
  }));
}
