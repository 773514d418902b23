import { philox } from "@polykeras/core";
import { expect, test } from "vitest";
import { words } from "./words.ts";

/** sfc32 over 64-bit integers, as PractRand states it: a, b, c, counter; word = a + b + counter. */
function expected(start: readonly [number, number, number], skip: number, count: number): number[] {
  const mask = 0xffffffffn;
  const bits = (word: number): bigint => BigInt(word) & mask;
  let [a, b, c] = [bits(start[0]), bits(start[1]), bits(start[2])];
  const made: number[] = [];
  for (let i = 0n; i < BigInt(skip + count); i++) {
    const word = (a + b + i + 1n) & mask;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = (((c << 21n) | (c >> 11n)) + word) & mask;
    made.push(Number(BigInt.asIntN(32, word)));
  }
  return made.slice(skip);
}

test("are those of sfc32", () => {
  for (const state of [
    [0, 0, 0, 0],
    [-1, 2 ** 31 - 1, 7, -5],
  ]) {
    const [a, b, c] = philox(state, 3);
    expect([...words(state, 200)]).toEqual(expected([a!, b!, c!], 12, 200));
  }
});

test("differ with each word of the state, and nothing else", () => {
  const states = [
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const streams = states.map((state) => words(state, 40).join());
  expect(new Set(streams).size).toBe(states.length);
  expect(words(states[1]!, 10)).toEqual(words(states[1]!, 40).subarray(0, 10));
  expect(words(states[1]!, 0)).toEqual(new Int32Array(0));
});

test("have each bit set half of the time, and each byte equally often", () => {
  const many = words([5, 0, 0, 0], 1 << 16);
  const deviation = Math.sqrt(many.length) / 2;
  for (let bit = 0; bit < 32; bit++) {
    const set = many.reduce((sum, word) => sum + ((word >>> bit) & 1), 0);
    expect(Math.abs(set - many.length / 2)).toBeLessThan(5 * deviation);
  }
  const counts = new Float64Array(256);
  for (const byte of new Uint8Array(many.buffer)) counts[byte]!++;
  const mean = (4 * many.length) / 256;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  // Chi squared with 255 degrees of freedom: passed once in a million.
  expect(squares).toBeLessThan(372);
});
