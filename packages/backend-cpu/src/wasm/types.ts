/** Value types of the WebAssembly specification, by name, with their binary encoding. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

export type ValueType = keyof typeof valueTypes;

/** One letter per type, for the signatures in the instruction tables. */
export const letters: Readonly<Record<string, ValueType>> = {
  i: "i32",
  l: "i64",
  f: "f32",
  d: "f64",
  v: "v128",
};

/** The name of an encoded type. */
export function valueTypeName(code: number): string {
  return Object.entries(valueTypes).find(([, value]) => value === code)?.[0] ?? String(code);
}

/** A code sequence that does not type-check: a bug in a kernel's emitter, found before any engine sees it. */
export class AssemblerError extends Error {
  override readonly name: string = "AssemblerError";
}

/** What a call needs to know of its target. */
export interface FunctionReference {
  /** Among the functions of the module, or among those it imports, which come before them. */
  readonly index: number;
  readonly imported?: boolean;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}
