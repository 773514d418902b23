/** Pictures as rows of 64 values from 0 (paper) to 1 (ink), with the digit that each shows. */
export interface Pictures {
  readonly pixels: readonly (readonly number[])[];
  readonly digits: readonly number[];
}

/** Pictures to train with, and others to test with. */
export interface Digits {
  readonly train: Pictures;
  readonly test: Pictures;
}

/** Each seventh picture is for testing: the file repeats 0 to 9, so that any step prime to 10 takes all digits. */
const testEvery = 7;

/**
 * The 1,797 handwritten digits of data/digits.csv.gz, 1,541 to train with and 256 to test with; always the same ones.
 * Servers of web pages may unpack a file that is packed: both are read.
 */
export async function readDigits(file: Uint8Array<ArrayBuffer>): Promise<Digits> {
  const stream = new Blob([file]).stream();
  const isPacked = file[0] === 0x1f && file[1] === 0x8b;
  const text = await new Response(
    isPacked ? stream.pipeThrough(new DecompressionStream("gzip")) : stream,
  ).text();
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
