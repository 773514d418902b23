import { readFile } from "node:fs/promises";
import type { Digits } from "./digits-data.ts";
import { readDigits } from "./digits-data.ts";

/** Its origin and licence: apps/demo/data/SOURCE.md. */
const file = new URL("../data/digits.csv.gz", import.meta.url);

/** The handwritten digits, from the file that comes with the demo. */
export async function loadDigits(): Promise<Digits> {
  return readDigits(new Uint8Array(await readFile(file)));
}
