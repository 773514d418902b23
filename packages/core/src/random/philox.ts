/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): counter-based, so that any
 * engine can make any word alone. One seed gives one stream everywhere.
 */
const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;
const rounds = 10;

/** The upper 32 bits of the unsigned product of two 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = al * bl;
  const middle = ah * bl + (low >>> 16);
  const cross = al * bh + (middle % 0x10000);
  return (ah * bh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/**
 * `count` words of the stream that `state` selects: key (two words), then the call counter (two words).
 * Word 16g + 4w + l is word w of block 4g + l, whose counter is (4g + l, 0, call low, call high): four blocks
 * side by side fill four SIMD lanes without a transpose.
 */
export function philox(state: ArrayLike<number>, count: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 16) * 16);
  for (let block = 0; block * 4 < words.length; block++) {
    let [c0, c1, c2, c3] = [block, 0, state[2]! >>> 0, state[3]! >>> 0];
    let [k0, k1] = [state[0]! >>> 0, state[1]! >>> 0];
    for (let round = 0; round < rounds; round++) {
      const [h0, l0] = [multiplyHigh(multipliers[0], c0), Math.imul(multipliers[0], c0)];
      const [h1, l1] = [multiplyHigh(multipliers[1], c2), Math.imul(multipliers[1], c2)];
      c0 = (h1 ^ c1 ^ k0) >>> 0;
      c1 = l1 >>> 0;
      c2 = (h0 ^ c3 ^ k1) >>> 0;
      c3 = l0 >>> 0;
      k0 = (k0 + weyl[0]) >>> 0;
      k1 = (k1 + weyl[1]) >>> 0;
    }
    const base = (block >> 2) * 16 + (block & 3);
    words[base] = c0;
    words[base + 4] = c1;
    words[base + 8] = c2;
    words[base + 12] = c3;
  }
  return words.length === count ? words : words.slice(0, count);
}
