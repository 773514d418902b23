import { repeat } from "../routines/loops.ts";
import type { Code, Local } from "../wasm/code.ts";

/** How many of something there are: known, or in a local, where it is known how many are left over by whole ones. */
export type Count = number | { readonly local: Local; readonly rest: number };

export function pushCount(code: Code, count: Count): void {
  if (typeof count === "number") code.i32(count);
  else code.get(count.local);
}

/** Runs the body for every `whole` of them, and returns what is left over. */
export function inWholes(code: Code, count: Count, whole: number, body: () => void): number {
  if (typeof count === "number") {
    repeat(code, Math.floor(count / whole), body);
    return count % whole;
  }
  const wholes = code.local("i32");
  code.get(count.local).i32(whole).op("i32.div_u").set(wholes);
  repeat(code, { local: wholes }, body);
  code.release(wholes);
  return count.rest;
}
