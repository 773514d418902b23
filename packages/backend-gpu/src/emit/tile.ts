import type { Writer } from "./writer.ts";

/** All pairs, row by row. */
export function tile(rows: number, columns: number): readonly (readonly [row: number, column: number])[] {
  return Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns]);
}

/** A name for what several sums use, which no other block knows. */
export function named(writer: Writer, expression: string): string {
  const name = writer.fresh();
  writer.line(`const ${name} = ${expression};`);
  return name;
}
