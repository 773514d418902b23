import { readFile } from "node:fs/promises";

/** Pictures as rows of 64 values from 0 (paper) to 1 (ink), with the digit that each shows. */
export interface Pictures {
  readonly pixels: readonly (readonly number[])[];
  readonly digits: readonly number[];
}

/** The file's origin and licence: apps/demo/data/SOURCE.md. */
const file = new URL("../data/digits.csv.gz", import.meta.url);

/** Each seventh picture is for testing: the file repeats 0 to 9, so that any step prime to 10 takes all digits. */
const testEvery = 7;

/** The 1,797 handwritten digits, 1,541 to train with and 256 to test with; always the same ones. */
export async function loadDigits(): Promise<{ readonly train: Pictures; readonly test: Pictures }> {
  const packed = new Blob([new Uint8Array(await readFile(file))]).stream();
  const text = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const isTest = (_: unknown, index: number): boolean => index % testEvery === testEvery - 1;
  return {
    train: toPictures(rows.filter((row, index) => !isTest(row, index))),
    test: toPictures(rows.filter(isTest)),
  };
}

function toPictures(rows: readonly (readonly number[])[]): Pictures {
  return {
    pixels: rows.map((row) => row.slice(0, 64).map((ink) => ink / 16)),
    digits: rows.map((row) => row[64] ?? Number.NaN),
  };
}
