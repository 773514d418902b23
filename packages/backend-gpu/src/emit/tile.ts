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

/** What a tile reads, with names in the order of memory: neighbours one after the other, then the next turn's. */
export function readNamed(
  writer: Writer,
  lanes: number,
  count: number,
  read: (lane: number, turn: number) => string,
): readonly string[] {
  const names: string[] = [];
  for (let turn = 0; turn < count; turn++)
    for (let lane = 0; lane < lanes; lane++) names[lane * count + turn] = named(writer, read(lane, turn));
  return names;
}
