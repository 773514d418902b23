import { expect, test } from "vitest";
import { words } from "./words.ts";

/** sfc32 over 64-bit integers, as PractRand states it: a, b, c, counter; word = a + b + counter. */
function expected(state: readonly [number, number, number, number], skip: number, count: number): number[] {
  const mask = 0xffffffffn;
  const bits = (word: number): bigint => BigInt(word) & mask;
  let [a, b, c, counter] = [bits(state[0]), bits(state[1]), bits(state[2]), bits(state[3]) + 1n];
  const made: number[] = [];
  for (let i = 0; i < skip + count; i++) {
    const word = (a + b + counter) & mask;
    counter++;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & mask;
    c = (((c << 21n) | (c >> 11n)) + word) & mask;
    made.push(Number(BigInt.asIntN(32, word)));
  }
  return made.slice(skip);
}

test("are those of sfc32", () => {
  const states = [
    [0, 0, 0, 0],
    [-1, 2 ** 31 - 1, 7, -5],
  ] as const;
  for (const state of states) expect([...words(state, 200)]).toEqual(expected(state, 20, 200));
});

/** Chi squared of bytes with 255 degrees of freedom: 372 is passed once in a million. */
function unevenness(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]!++;
  const mean = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

test("of neighbouring states have nothing in common, from the first on", () => {
  for (const word of [0, 1, 2, 3]) {
    const firsts = Int32Array.from({ length: 1 << 14 }, (_, i) => {
      const state = [3, 0, 0, 0];
      state[word] = i;
      return words(state, 1)[0]!;
    });
    const changes = firsts.map((first, i) => first ^ (firsts[i - 1] ?? 0)).slice(1);
    for (const of of [firsts, changes])
      expect(unevenness(new Uint8Array(of.slice().buffer))).toBeLessThan(372);
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
  expect(unevenness(new Uint8Array(many.buffer))).toBeLessThan(372);
});
