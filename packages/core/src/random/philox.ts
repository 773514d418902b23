/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): counter-based, so that any
 * engine can make any word alone. One seed gives one stream everywhere.
 */
const rounds = 10;
/** The two multipliers, 0xd2511f53 and 0xcd9e8d57, by their halves. */
const [highA, lowA] = [0xd251, 0x1f53];
const [highB, lowB] = [0xcd9e, 0x8d57];
const [weylA, weylB] = [0x9e3779b9 | 0, 0xbb67ae85 | 0];

/**
 * `count` words of the stream that `state` selects: key (two words), then the call counter (two words).
 * Word 16g + 4w + l is word w of block 4g + l, whose counter is (4g + l, 0, call low, call high): four blocks
 * side by side fill four SIMD lanes without a transpose.
 */
export function philox(state: ArrayLike<number>, count: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 16) * 16);
  const blocks = words.length >>> 2;
  for (let block = 0; block < blocks; block++) {
    const base = ((block >>> 2) << 4) + (block & 3);
    if (base >= count) continue;
    let c0 = block | 0;
    let c1 = 0;
    let c2 = state[2]! | 0;
    let c3 = state[3]! | 0;
    let k0 = state[0]! | 0;
    let k1 = state[1]! | 0;
    for (let round = 0; round < rounds; round++) {
      // Both 64-bit products from 16-bit halves: every sum is less than 2^32, exact as a number. Initial weights are
      // made before any of this is optimised, where `*` takes less time than a call of Math.imul.
      const a = c0 & 0xffff;
      const b = c2 & 0xffff;
      const beginA = lowA * a;
      const beginB = lowB * b;
      const middleA = highA * a + (beginA >>> 16);
      const middleB = highB * b + (beginB >>> 16);
      const crossA = lowA * (c0 >>> 16) + (middleA & 0xffff);
      const crossB = lowB * (c2 >>> 16) + (middleB & 0xffff);
      const upperA = highA * (c0 >>> 16) + (middleA >>> 16) + (crossA >>> 16);
      c0 = (highB * (c2 >>> 16) + (middleB >>> 16) + (crossB >>> 16)) ^ c1 ^ k0;
      c1 = (crossB << 16) | (beginB & 0xffff);
      c2 = upperA ^ c3 ^ k1;
      c3 = (crossA << 16) | (beginA & 0xffff);
      k0 = (k0 + weylA) | 0;
      k1 = (k1 + weylB) | 0;
    }
    words[base] = c0;
    words[base + 4] = c1;
    words[base + 8] = c2;
    words[base + 12] = c3;
  }
  return words.length === count ? words : words.slice(0, count);
}
