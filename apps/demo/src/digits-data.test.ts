import { expect, test } from "vitest";
import { readDigits } from "./digits-data.ts";
import { loadDigits } from "./digits-file.ts";

test("1,541 pictures to train with and 256 others to test with, of every digit", async () => {
  const { train, test: held } = await loadDigits();
  expect([train.digits.length, held.digits.length]).toEqual([1541, 256]);
  expect(train.pixels).toHaveLength(1541);
  for (const { pixels, digits } of [train, held]) {
    expect(new Set(digits)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(pixels.every((picture) => picture.length === 64)).toBe(true);
    const inks = pixels.flat();
    expect([Math.min(...inks), Math.max(...inks)]).toEqual([0, 1]);
  }
});

test("a file that a server has unpacked is read as well", async () => {
  const line = Array.from({ length: 64 }, () => 16).join();
  const text = Array.from({ length: 14 }, (_, index) => `${line},${index % 10}`).join("\n");
  const { train, test: held } = await readDigits(new TextEncoder().encode(`${text}\n`));
  expect([train.digits, held.digits]).toEqual([
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 0, 1, 2],
    [6, 3],
  ]);
});
